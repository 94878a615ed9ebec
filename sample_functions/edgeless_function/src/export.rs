//! The callbacks a host calls: [`export!`] declares them, [`shims`] turns their raw arguments into Rust's.

/// Exports a function to the host, once per crate. The type implements [`EdgeFunction`](crate::EdgeFunction), itself or
/// by way of [`api::Edgefunction`](crate::api::Edgefunction).
#[macro_export]
macro_rules! export {
    ($function:ty) => {
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn handle_cast_asm(
            node: *const u8,
            component: *const u8,
            payload: *const u8,
            len: usize,
        ) {
            unsafe { $crate::export::shims::cast::<$function>(node, component, payload, len) }
        }

        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn handle_call_asm(
            node: *const u8,
            component: *const u8,
            payload: *const u8,
            len: usize,
            reply: *mut *const u8,
            reply_len: *mut usize,
        ) -> i32 {
            unsafe { $crate::export::shims::call::<$function>(node, component, payload, len, reply, reply_len) }
        }

        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn handle_init_asm(payload: *const u8, len: usize, state: *const u8, state_len: usize) {
            unsafe { $crate::export::shims::init::<$function>(payload, len, state, state_len) }
        }

        #[unsafe(no_mangle)]
        pub extern "C" fn handle_stop_asm() {
            <$function as $crate::EdgeFunction>::handle_stop()
        }
    };
}

/// What the exports do. Called by [`export!`] only; the pointers are the host's and valid while a callback runs.
#[doc(hidden)]
#[allow(clippy::missing_safety_doc)]
pub mod shims {
    use crate::{CallRet, EdgeFunction, InstanceId, logging, memory};

    pub unsafe fn cast<F: EdgeFunction>(node: *const u8, component: *const u8, payload: *const u8, len: usize) {
        unsafe { F::handle_cast(id(node, component), bytes(payload, len)) }
    }

    pub unsafe fn call<F: EdgeFunction>(
        node: *const u8,
        component: *const u8,
        payload: *const u8,
        len: usize,
        reply: *mut *const u8,
        reply_len: *mut usize,
    ) -> i32 {
        match unsafe { F::handle_call(id(node, component), bytes(payload, len)) } {
            CallRet::NoReply => 0,
            CallRet::Reply(buffer) => {
                unsafe { (*reply, *reply_len) = memory::hold_reply(buffer) };
                1
            }
            CallRet::Err => 2,
        }
    }

    pub unsafe fn init<F: EdgeFunction>(payload: *const u8, len: usize, state: *const u8, state_len: usize) {
        logging::log_panics();
        unsafe { F::handle_init(given(payload, len), given(state, state_len)) }
    }

    unsafe fn id(node: *const u8, component: *const u8) -> InstanceId {
        unsafe {
            InstanceId { node_id: node.cast::<[u8; 16]>().read(), component_id: component.cast::<[u8; 16]>().read() }
        }
    }

    unsafe fn given<'a>(ptr: *const u8, len: usize) -> Option<&'a [u8]> {
        (len > 0).then(|| unsafe { bytes(ptr, len) })
    }

    /// Rust wants a non-null pointer even for no bytes; a host may give 0 for them.
    unsafe fn bytes<'a>(ptr: *const u8, len: usize) -> &'a [u8] {
        if len == 0 { &[] } else { unsafe { core::slice::from_raw_parts(ptr, len) } }
    }
}

#[cfg(test)]
mod tests {
    use super::shims;
    use crate::{CallRet, EdgeFunction, InstanceId, OwnedByteBuff, memory::edgeless_mem_clear};

    struct Echo;

    impl EdgeFunction for Echo {
        fn handle_cast(_src: InstanceId, _message: &[u8]) {}
        fn handle_call(src: InstanceId, message: &[u8]) -> CallRet {
            match message {
                b"" => CallRet::NoReply,
                b"err" => CallRet::Err,
                _ => CallRet::Reply(OwnedByteBuff::new_from_slice(
                    &[&src.node_id[..1], &src.component_id[..1], message].concat(),
                )),
            }
        }
        fn handle_init(_payload: Option<&[u8]>, _state: Option<&[u8]>) {}
        fn handle_stop() {}
    }

    fn call(message: &[u8]) -> (i32, Vec<u8>) {
        let (mut reply, mut len) = (core::ptr::null(), 0);
        let (node, component) = ([b'n'; 16], [b'c'; 16]);
        let (payload, size) = (message.as_ptr(), message.len());
        let code =
            unsafe { shims::call::<Echo>(node.as_ptr(), component.as_ptr(), payload, size, &mut reply, &mut len) };
        // Another allocation between the callback and the reading, as a host that frees its arguments makes.
        drop(vec![0u8; len]);
        let bytes = if code == 1 { unsafe { core::slice::from_raw_parts(reply, len) }.to_vec() } else { vec![] };
        edgeless_mem_clear();
        (code, bytes)
    }

    #[test]
    fn a_reply_can_be_read_after_the_callback_and_names_both_halves_of_the_source() {
        assert_eq!((1, b"ncping".to_vec()), call(b"ping"));
    }

    #[test]
    fn the_other_outcomes_have_their_codes() {
        assert_eq!((0, vec![]), call(b""));
        assert_eq!((2, vec![]), call(b"err"));
    }
}
