//! What crosses between guest and host: memory the host asks for, and the callbacks.

use std::alloc::{Layout, alloc, dealloc};
use std::slice::from_raw_parts;

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn telemetry_log_asm(level: usize, target: *const u8, target_len: usize, message: *const u8, len: usize);
}

pub fn log(message: &str) {
    unsafe { telemetry_log_asm(3, "original".as_ptr(), 8, message.as_ptr(), message.len()) }
}

fn room(size: usize) -> Layout {
    Layout::from_size_align(size, 4).unwrap()
}

#[unsafe(no_mangle)]
extern "C" fn edgeless_mem_alloc(size: usize) -> *mut u8 {
    unsafe { alloc(room(size)) }
}

#[unsafe(no_mangle)]
extern "C" fn edgeless_mem_free(at: *mut u8, size: usize) {
    unsafe { dealloc(at, room(size)) }
}

#[unsafe(no_mangle)]
extern "C" fn edgeless_mem_clear() {}

unsafe fn text<'a>(at: *const u8, len: usize) -> &'a str {
    if len == 0 { "" } else { core::str::from_utf8(unsafe { from_raw_parts(at, len) }).unwrap() }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn handle_init_asm(payload: *const u8, len: usize, _state: *const u8, _state_len: usize) {
    crate::handle_init(unsafe { text(payload, len) });
}

#[unsafe(no_mangle)]
unsafe extern "C" fn handle_cast_asm(_node: *const u8, _component: *const u8, payload: *const u8, len: usize) {
    crate::handle_cast(unsafe { text(payload, len) });
}

#[unsafe(no_mangle)]
unsafe extern "C" fn handle_call_asm(
    _node: *const u8,
    _component: *const u8,
    payload: *const u8,
    len: usize,
    reply: *mut *const u8,
    reply_len: *mut usize,
) -> i32 {
    match crate::handle_call(unsafe { text(payload, len) }) {
        Some(answer) => {
            unsafe { (*reply, *reply_len) = (answer.as_ptr(), answer.len()) };
            1 // and `answer` is freed here
        }
        None => 0,
    }
}

#[unsafe(no_mangle)]
extern "C" fn handle_stop_asm() {}
