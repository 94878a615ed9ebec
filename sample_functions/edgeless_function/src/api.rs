//! The face that the EDGELESS documentation describes: `use edgeless_function::api::*`.
//!
//! ```
//! use edgeless_function::api::*;
//!
//! struct Greeter;
//!
//! impl Edgefunction for Greeter {
//!     fn handle_cast(_src: InstanceId, encoded_message: &[u8]) {
//!         log(encoded_message);
//!     }
//!     fn handle_call(_src: InstanceId, _encoded_message: &[u8]) -> CallRet {
//!         CallRet::Noreply
//!     }
//!     fn handle_init(_payload: Option<&[u8]>, _serialized_state: Option<&[u8]>) {}
//!     fn handle_stop() {}
//! }
//!
//! edgeless_function::export!(Greeter);
//! # fn main() {}
//! ```
//!
//! The documentation writes `async` and `&mut self` for what are plain functions, and gives the result of a call two
//! names; both, `CallRet` and [`CallReturn`], mean the same type here.

pub use crate::export;
use crate::{EdgeFunction, OwnedByteBuff};

pub type NodeId = [u8; 16];
pub type ComponentId = [u8; 16];

/// Basic function identifier: the node and the instance on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InstanceId {
    pub node_id: NodeId,
    pub function_id: ComponentId,
}

/// What a call gives, and what `handle_call` returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallReturn {
    NoRet,
    Reply(Vec<u8>),
    Err,
}

/// The other name the documentation has for [`CallReturn`].
pub type CallRet = CallReturn;

impl CallReturn {
    /// The other name the documentation has for [`CallReturn::NoRet`]; it also serves as a pattern.
    #[allow(non_upper_case_globals)]
    pub const Noreply: CallReturn = CallReturn::NoRet;
}

/// The callbacks of a function; see [`EdgeFunction`] for when each runs.
pub trait Edgefunction {
    fn handle_cast(src: InstanceId, encoded_message: &[u8]);
    fn handle_call(src: InstanceId, encoded_message: &[u8]) -> CallRet;
    fn handle_init(payload: Option<&[u8]>, serialized_state: Option<&[u8]>);
    fn handle_stop();
}

/// Sends a message to the output `name`; `self` is the instance itself.
pub fn cast(name: &str, msg: &[u8]) {
    crate::cast(name, msg)
}

/// Sends a message to the output `name` and waits for the answer.
pub fn call(name: &str, msg: &[u8]) -> CallRet {
    match crate::call(name, msg) {
        crate::CallRet::NoReply => CallReturn::NoRet,
        crate::CallRet::Reply(reply) => CallReturn::Reply(reply.to_vec()),
        crate::CallRet::Err => CallReturn::Err,
    }
}

/// Sends a message to the output `name` after `delay` milliseconds.
pub fn delayed_cast(delay: u64, name: &str, msg: &[u8]) {
    crate::delayed_cast(delay, name, msg)
}

/// Writes a log line at level info. Takes text, or bytes, of which those that are no text become `�`.
pub fn log(msg: impl AsRef<[u8]>) {
    crate::telemetry_log(3, "edgeless", &String::from_utf8_lossy(msg.as_ref()))
}

/// Hands over the state, serialized as text, given as such or as bytes.
pub fn sync(state: impl AsRef<[u8]>) {
    crate::sync(state.as_ref())
}

/// Makes one [`export!`](crate::export!) serve both faces.
impl<F: Edgefunction> EdgeFunction for F {
    fn handle_cast(src: crate::InstanceId, encoded_message: &[u8]) {
        F::handle_cast(src.into(), encoded_message)
    }

    fn handle_call(src: crate::InstanceId, encoded_message: &[u8]) -> crate::CallRet {
        match F::handle_call(src.into(), encoded_message) {
            CallReturn::NoRet => crate::CallRet::NoReply,
            CallReturn::Reply(reply) => crate::CallRet::Reply(OwnedByteBuff::new_from_slice(&reply)),
            CallReturn::Err => crate::CallRet::Err,
        }
    }

    fn handle_init(payload: Option<&[u8]>, serialized_state: Option<&[u8]>) {
        F::handle_init(payload, serialized_state)
    }

    fn handle_stop() {
        F::handle_stop()
    }
}

impl From<crate::InstanceId> for InstanceId {
    fn from(id: crate::InstanceId) -> Self {
        Self { node_id: id.node_id, function_id: id.component_id }
    }
}

impl From<InstanceId> for crate::InstanceId {
    fn from(id: InstanceId) -> Self {
        Self { node_id: id.node_id, component_id: id.function_id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Answering;

    impl Edgefunction for Answering {
        fn handle_cast(_src: InstanceId, _encoded_message: &[u8]) {}
        fn handle_call(src: InstanceId, encoded_message: &[u8]) -> CallRet {
            match encoded_message {
                b"" => CallRet::Noreply,
                b"err" => CallRet::Err,
                _ => CallReturn::Reply(src.function_id.to_vec()),
            }
        }
        fn handle_init(_payload: Option<&[u8]>, _serialized_state: Option<&[u8]>) {}
        fn handle_stop() {}
    }

    #[test]
    fn the_documented_face_is_an_edge_function() {
        let src = crate::InstanceId { node_id: [1; 16], component_id: [2; 16] };
        assert!(matches!(<Answering as EdgeFunction>::handle_call(src, b""), crate::CallRet::NoReply));
        assert!(matches!(<Answering as EdgeFunction>::handle_call(src, b"err"), crate::CallRet::Err));
        let crate::CallRet::Reply(reply) = <Answering as EdgeFunction>::handle_call(src, b"who") else {
            panic!("no reply")
        };
        assert_eq!([2; 16], reply[..]);
    }

    #[test]
    fn either_name_of_no_reply_is_a_pattern() {
        for answer in [CallRet::Noreply, CallReturn::NoRet] {
            match answer {
                CallRet::Noreply => {}
                CallRet::Reply(_) | CallRet::Err => panic!("not the same"),
            }
        }
    }

    #[test]
    fn ids_keep_their_halves() {
        let id = InstanceId { node_id: [1; 16], function_id: [2; 16] };
        assert_eq!(id, crate::InstanceId::from(id).into());
    }
}
