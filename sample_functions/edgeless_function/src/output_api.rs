//! The effects of a function, over [`crate::imports`]: casts, calls, delayed casts, log lines, state.

use crate::{CallRet, InstanceId, OwnedByteBuff, imports};

/// Sends `msg` to what the workflow links to the output `name`, without waiting. The name `self` is the instance itself.
/// An output that leads nowhere is ignored.
pub fn cast(name: &str, msg: &[u8]) {
    unsafe { imports::cast_asm(name.as_ptr(), name.len(), msg.as_ptr(), msg.len()) }
}

/// Sends `msg` to an instance, without waiting.
pub fn cast_raw(target: InstanceId, msg: &[u8]) {
    unsafe { imports::cast_raw_asm(target.node_id.as_ptr(), target.component_id.as_ptr(), msg.as_ptr(), msg.len()) }
}

/// Sends `msg` to what the workflow links to the output `name` and waits for the answer; EDGELESS 1.2 has no timeout.
/// The instance traps when the output leads nowhere. Calling `self` is an error at once.
pub fn call(name: &str, msg: &[u8]) -> CallRet {
    await_reply(|reply, len| unsafe {
        imports::call_asm(name.as_ptr(), name.len(), msg.as_ptr(), msg.len(), reply, len)
    })
}

/// Sends `msg` to an instance and waits for the answer, for ever if there is no such instance.
pub fn call_raw(target: InstanceId, msg: &[u8]) -> CallRet {
    await_reply(|reply, len| unsafe {
        imports::call_raw_asm(
            target.node_id.as_ptr(),
            target.component_id.as_ptr(),
            msg.as_ptr(),
            msg.len(),
            reply,
            len,
        )
    })
}

/// Sends `msg` to the output `name` once `delay_ms` milliseconds have passed. The instance traps when the output leads
/// nowhere at the time of this call.
pub fn delayed_cast(delay_ms: u64, name: &str, msg: &[u8]) {
    unsafe { imports::delayed_cast_asm(delay_ms, name.as_ptr(), name.len(), msg.as_ptr(), msg.len()) }
}

/// Writes a log line. Levels: 1 error, 2 warn, 3 info, 4 debug, 5 trace; the platform takes any other as an error.
pub fn telemetry_log(level: usize, target: &str, msg: &str) {
    unsafe { imports::telemetry_log_asm(level, target.as_ptr(), target.len(), msg.as_ptr(), msg.len()) }
}

/// The id of this instance.
pub fn slf() -> InstanceId {
    let mut id = InstanceId { node_id: [0; 16], component_id: [0; 16] };
    unsafe { imports::slf_asm(id.node_id.as_mut_ptr(), id.component_id.as_mut_ptr()) };
    id
}

/// Hands the state, serialized as UTF-8, to the host, which gives it to `handle_init` of a successor.
pub fn sync(state: &[u8]) {
    unsafe { imports::sync_asm(state.as_ptr(), state.len()) }
}

/// Provides the two slots a call's reply is announced in. The length slot is 8 bytes wide because EDGELESS 1.2 writes
/// as many on a 64-bit machine; in a slot of 4 it would overwrite what lies behind.
fn await_reply(call: impl FnOnce(*mut *mut u8, *mut u64) -> i32) -> CallRet {
    let mut reply: *mut u8 = core::ptr::null_mut();
    let mut len: u64 = 0;
    match call(&mut reply, &mut len) {
        0 => CallRet::NoReply,
        // The host allocated these bytes through `edgeless_mem_alloc` and leaves them to us.
        1 => CallRet::Reply(unsafe { OwnedByteBuff::new(reply, len as usize) }),
        _ => CallRet::Err,
    }
}
