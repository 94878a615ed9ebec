//! Logs what it gets, and has no logger that could tell anybody.

use edgeless_function::*;

struct Dumb;

impl EdgeFunction for Dumb {
    fn handle_cast(_src: InstanceId, message: &[u8]) {
        log::info!("{}", String::from_utf8_lossy(message));
    }

    fn handle_call(_src: InstanceId, _message: &[u8]) -> CallRet {
        CallRet::NoReply
    }

    fn handle_init(_payload: Option<&[u8]>, _serialized_state: Option<&[u8]>) {}

    fn handle_stop() {}
}

edgeless_function::export!(Dumb);
