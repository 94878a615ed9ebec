//! Bytes allocated the way the host does, which a call's reply is made of.

use crate::memory::{edgeless_mem_alloc, edgeless_mem_free};
use std::ops::{Deref, DerefMut};

/// A buffer that host and guest may hand to each other. Dropping it frees it.
pub struct OwnedByteBuff {
    data: *mut u8,
    size: usize,
}

impl OwnedByteBuff {
    /// Takes over a buffer that the host left.
    ///
    /// # Safety
    /// `data` must come from `edgeless_mem_alloc(size)` and have no other owner.
    pub(crate) unsafe fn new(data: *mut u8, size: usize) -> Self {
        Self { data, size }
    }

    /// Copies `data`.
    pub fn new_from_slice(data: &[u8]) -> Self {
        let buffer = unsafe {
            let room = edgeless_mem_alloc(data.len());
            room.copy_from_nonoverlapping(data.as_ptr(), data.len());
            room
        };
        Self { data: buffer, size: data.len() }
    }

    /// Gives up the buffer: its address and length.
    ///
    /// # Safety
    /// Whoever gets them must free them with `edgeless_mem_free`.
    pub unsafe fn consume(self) -> (*mut u8, usize) {
        let buffer = std::mem::ManuallyDrop::new(self);
        (buffer.data, buffer.size)
    }
}

impl Deref for OwnedByteBuff {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        unsafe { core::slice::from_raw_parts(self.data, self.size) }
    }
}

impl DerefMut for OwnedByteBuff {
    fn deref_mut(&mut self) -> &mut [u8] {
        unsafe { core::slice::from_raw_parts_mut(self.data, self.size) }
    }
}

impl AsRef<[u8]> for OwnedByteBuff {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl std::fmt::Debug for OwnedByteBuff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\"", self.escape_ascii())
    }
}

impl Drop for OwnedByteBuff {
    fn drop(&mut self) {
        unsafe { edgeless_mem_free(self.data, self.size) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_independent_of_its_source() {
        let source = *b"ping";
        let mut buffer = OwnedByteBuff::new_from_slice(&source);
        buffer[1] = b'a';
        assert_eq!((b"ping", &b"pang"[..]), (&source, buffer.as_ref()));
    }

    #[test]
    fn an_empty_buffer_can_be_read_and_freed() {
        assert!(OwnedByteBuff::new_from_slice(b"").is_empty());
    }

    #[test]
    fn a_consumed_buffer_is_left_to_its_new_owner() {
        let (data, size) = unsafe { OwnedByteBuff::new_from_slice(b"mine").consume() };
        let buffer = unsafe { OwnedByteBuff::new(data, size) };
        assert_eq!(b"mine", &buffer[..]);
    }
}
