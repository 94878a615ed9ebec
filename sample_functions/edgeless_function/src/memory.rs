//! Memory shared with the host: it allocates in here what it hands over, and frees it, or leaves that to the guest.

use crate::OwnedByteBuff;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::Cell;

const ALIGN: usize = 4;

thread_local! {
    /// The last reply of `handle_call`. The host reads it after the callback has returned and never frees it.
    static REPLY: Cell<Option<OwnedByteBuff>> = const { Cell::new(None) };
}

/// Keeps a reply where the host can read it until the next event begins.
pub(crate) fn hold_reply(reply: OwnedByteBuff) -> (*const u8, usize) {
    let place = (reply.as_ptr(), reply.len());
    REPLY.set(Some(reply));
    place
}

/// Gives the host room for `size` bytes.
///
/// # Safety
/// The room must be given back by [`edgeless_mem_free`] with the same size, or become an [`OwnedByteBuff`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn edgeless_mem_alloc(size: usize) -> *mut u8 {
    if size == 0 {
        return core::ptr::without_provenance_mut(ALIGN);
    }
    let Ok(layout) = Layout::from_size_align(size, ALIGN) else {
        panic!("no {size} bytes can be had");
    };
    let room = unsafe { alloc(layout) };
    if room.is_null() {
        handle_alloc_error(layout);
    }
    room
}

/// Takes room back.
///
/// # Safety
/// `ptr` must come from [`edgeless_mem_alloc`] with the same `size`, and not be used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn edgeless_mem_free(ptr: *mut u8, size: usize) {
    if size > 0 {
        unsafe { dealloc(ptr, Layout::from_size_align_unchecked(size, ALIGN)) }
    }
}

/// The host begins an event: nothing of the one before is read any more.
#[unsafe(no_mangle)]
pub extern "C" fn edgeless_mem_clear() {
    REPLY.take();
}
