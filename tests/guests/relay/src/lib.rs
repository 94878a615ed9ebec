//! Written the way functions of EDGELESS 1.2 are: every way of sending, every way of answering.

use edgeless_function::*;
use log;

struct Relay;

impl EdgeFunction for Relay {
    fn handle_cast(src: InstanceId, encoded_message: &[u8]) {
        let message = core::str::from_utf8(encoded_message).unwrap();
        log::info!("Relay: 'Cast' called, MSG: {}", message);
        match message {
            "back" => cast_raw(src, "cast back".as_bytes()),
            "ask back" => {
                if let CallRet::Reply(reply) = call_raw(src, b"question") {
                    log::info!("{} bytes: {}", reply.len(), std::str::from_utf8(&reply).unwrap());
                }
            }
            "later" => delayed_cast(100, "out", "a while".as_bytes()),
            "on" => cast("out", encoded_message),
            "ask" => {
                let _res = call("out", &format!("question {}", 1).as_bytes());
            }
            "ask and forget" => {
                call("out", b"unheard");
            }
            _ => {
                log::warn!("Unprocessed Message");
            }
        }
    }

    fn handle_call(_src: InstanceId, encoded_message: &[u8]) -> CallRet {
        match core::str::from_utf8(encoded_message).unwrap() {
            "err" => CallRet::Err,
            "reply" => CallRet::Reply(edgeless_function::OwnedByteBuff::new_from_slice("the reply".as_bytes())),
            "pass on" => call("out", encoded_message),
            _ => CallRet::NoReply,
        }
    }

    fn handle_init(_payload: Option<&[u8]>, _serialized_state: Option<&[u8]>) {
        edgeless_function::init_logger();
        log::info!("Relay: 'Init' called");
    }

    fn handle_stop() {
        log::info!("Relay: 'Stop' called");
    }
}

edgeless_function::export!(Relay);
