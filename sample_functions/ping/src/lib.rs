//! Calls whatever its output `pong` is linked to, once a second and whenever it is sent `ping`, and logs the reply.

use edgeless_function::*;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

static SENT: AtomicU64 = AtomicU64::new(0);

struct Ping;

fn ping() {
    let number = SENT.fetch_add(1, Relaxed) + 1;
    // A call blocks: nothing else is handled here until the answer is in. The platform has no time limit for it, so
    // with a callee that never answers this instance would wait for ever.
    match call("pong", format!("ping {number}").as_bytes()) {
        CallRet::Reply(reply) => log::info!("Got reply: {}", String::from_utf8_lossy(&reply)),
        CallRet::NoReply => log::info!("Got no reply"),
        CallRet::Err => log::error!("Got an error"),
    }
}

impl EdgeFunction for Ping {
    fn handle_cast(_src: InstanceId, message: &[u8]) {
        match message {
            b"ping" => ping(),
            b"wakeup" => {
                ping();
                delayed_cast(1000, "self", b"wakeup");
            }
            other => log::warn!("neither ping nor wakeup: {}", String::from_utf8_lossy(other)),
        }
    }

    fn handle_call(_src: InstanceId, _message: &[u8]) -> CallRet {
        CallRet::NoReply
    }

    fn handle_init(_payload: Option<&[u8]>, _serialized_state: Option<&[u8]>) {
        init_logger();
        // Not a call right here: outputs other than `self` may not be linked yet, and calling one of those traps.
        delayed_cast(1000, "self", b"wakeup");
    }

    fn handle_stop() {}
}

edgeless_function::export!(Ping);
