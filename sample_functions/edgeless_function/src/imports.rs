//! What the host provides: the eight functions of the module `env`, raw.
//!
//! Every text (targets, payloads, log messages, state) must be UTF-8, or the instance traps. Use the crate root or
//! [`crate::api`] instead; these are public for functions that test a host.

/// Declares the imports, and for other targets stand-ins that panic, so that a function's own tests link and run
/// on the developer's machine as long as they touch no effect.
macro_rules! imports {
    ($($(#[$doc:meta])* fn $name:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)?;)*) => {
        #[cfg(target_arch = "wasm32")]
        #[link(wasm_import_module = "env")]
        unsafe extern "C" {
            $($(#[$doc])* pub fn $name($($arg: $ty),*) $(-> $ret)?;)*
        }
        $(
            #[cfg(not(target_arch = "wasm32"))]
            $(#[$doc])*
            #[doc = "\n# Safety\nAlways panics: there is no host outside wasm."]
            pub unsafe fn $name($(_: $ty),*) $(-> $ret)? {
                panic!(concat!(stringify!($name), " needs an EDGELESS host, and this is no wasm32 build"))
            }
        )*
    };
}

imports! {
    /// Casts to an alias. An unknown alias is ignored.
    fn cast_asm(target_ptr: *const u8, target_len: usize, payload_ptr: *const u8, payload_len: usize);
    /// Casts to an instance.
    fn cast_raw_asm(node_id_ptr: *const u8, component_id_ptr: *const u8, payload_ptr: *const u8, payload_len: usize);
    /// Calls an alias and waits. Returns 0 for no reply, 1 for a reply, anything else for an error. An unknown alias
    /// traps. The host stores the reply's address, and its length as 64 bits where EDGELESS 1.2 runs on such a machine.
    fn call_asm(
        target_ptr: *const u8, target_len: usize, payload_ptr: *const u8, payload_len: usize,
        out_ptr_ptr: *mut *mut u8, out_len_ptr: *mut u64
    ) -> i32;
    /// Calls an instance and waits. Returns and stores what `call_asm` does.
    fn call_raw_asm(
        node_id_ptr: *const u8, component_id_ptr: *const u8, payload_ptr: *const u8, payload_len: usize,
        out_ptr_ptr: *mut *mut u8, out_len_ptr: *mut u64
    ) -> i32;
    /// Casts to an alias after a delay in milliseconds. The alias is looked up at once; an unknown one traps.
    fn delayed_cast_asm(
        delay_ms: u64, target_ptr: *const u8, target_len: usize, payload_ptr: *const u8, payload_len: usize
    );
    /// Writes a log line. Levels: 1 error, 2 warn, 3 info, 4 debug, 5 trace.
    fn telemetry_log_asm(
        level: usize, target_ptr: *const u8, target_len: usize, msg_ptr: *const u8, msg_len: usize
    );
    /// Stores the instance's own id: 16 bytes each.
    fn slf_asm(out_node_id_ptr: *mut u8, out_component_id_ptr: *mut u8);
    /// Hands the serialized state to the host.
    fn sync_asm(data_ptr: *const u8, data_len: usize);
}
