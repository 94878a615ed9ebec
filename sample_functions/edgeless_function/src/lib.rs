//! The guest side of an EDGELESS function.
//!
//! A function is a type with four callbacks, exported once:
//!
//! ```
//! use edgeless_function::*;
//!
//! struct Echo;
//!
//! impl EdgeFunction for Echo {
//!     fn handle_cast(_src: InstanceId, message: &[u8]) {
//!         cast("out", message);
//!     }
//!     fn handle_call(_src: InstanceId, message: &[u8]) -> CallRet {
//!         CallRet::Reply(OwnedByteBuff::new_from_slice(message))
//!     }
//!     fn handle_init(_payload: Option<&[u8]>, _serialized_state: Option<&[u8]>) {
//!         init_logger();
//!     }
//!     fn handle_stop() {}
//! }
//!
//! edgeless_function::export!(Echo);
//! # fn main() {}
//! ```
//!
//! There are two faces to write against, and one [`export!`] for both:
//!
//! - this crate root, source-compatible with the crate of EDGELESS 1.2;
//! - [`api`], the face its documentation describes (`Edgefunction`, `log`, `CallRet::Noreply`).
//!   Whatever implements [`api::Edgefunction`] is an [`EdgeFunction`] by a blanket implementation.
//!
//! Where this crate does better than the one of EDGELESS 1.2, on that platform as well:
//!
//! - A panic is logged, at level error and target `panic`, as `<text>, <file>:<line>:<column>`, before the function
//!   traps. The function does nothing for it: the exported `handle_init_asm` installs the hook.
//! - The reply of `handle_call` stays intact until the host has read it; it is freed when the next event begins.
//! - `handle_call` is told both halves of the source's id.
//! - [`init_logger`] called again is told by a warning; there, a second call traps.

pub mod api;
pub mod export;
pub mod imports;
mod init_payload;
pub mod lcg;
pub mod logging;
pub mod memory;
pub mod output_api;
pub mod owned_data;

pub use init_payload::{arg_to_bool, arg_to_vec, init_payload_to_args, parse_init_payload};
pub use logging::init_logger;
pub use output_api::*;
pub use owned_data::OwnedByteBuff;

/// Physical address of a running function or resource: two UUIDs, as the 16 bytes they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InstanceId {
    /// UUID of the node the instance runs on.
    pub node_id: [u8; 16],
    /// UUID of the instance on that node.
    pub component_id: [u8; 16],
}

/// How a call ends, seen from both sides: what `handle_call` returns, and what `call` gives the caller.
#[derive(Debug)]
pub enum CallRet {
    /// The callee had nothing to say; the caller goes on.
    NoReply,
    /// The callee's answer. It must be UTF-8 to travel between nodes.
    Reply(OwnedByteBuff),
    /// The callee refused, or the caller was stopped while it waited.
    Err,
}

/// The callbacks of a function. The platform runs one at a time; local state lives in statics.
pub trait EdgeFunction {
    /// An event for which the sender does not wait.
    fn handle_cast(src: InstanceId, encoded_message: &[u8]);
    /// An event whose sender is blocked until this returns.
    fn handle_call(src: InstanceId, encoded_message: &[u8]) -> CallRet;
    /// Runs once, before any event. `payload` is the workflow's `init-payload`, `serialized_state` what was last
    /// given to [`sync`]; each is `None` when it is absent or empty.
    fn handle_init(payload: Option<&[u8]>, serialized_state: Option<&[u8]>);
    /// Runs once, when the instance is asked to end.
    fn handle_stop();
}
