//! Logs what it gets, but sets its logger only when it is told `logger`.

use edgeless_function::*;

struct Mute;

impl EdgeFunction for Mute {
    fn handle_cast(_src: InstanceId, message: &[u8]) {
        match message {
            b"logger" => init_logger(),
            text => log::info!("{}", String::from_utf8_lossy(text)),
        }
    }

    fn handle_call(_src: InstanceId, _message: &[u8]) -> CallRet {
        CallRet::NoReply
    }

    fn handle_init(_payload: Option<&[u8]>, _serialized_state: Option<&[u8]>) {}

    fn handle_stop() {}
}

edgeless_function::export!(Mute);
