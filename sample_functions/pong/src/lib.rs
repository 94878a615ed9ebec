//! Answers every call. The other half of `ping`.

use edgeless_function::*;

struct Pong;

impl EdgeFunction for Pong {
    fn handle_cast(_src: InstanceId, _message: &[u8]) {
        log::info!("a cast has nobody waiting for an answer; call me");
    }

    fn handle_call(_src: InstanceId, message: &[u8]) -> CallRet {
        let answer = String::from_utf8_lossy(message).replace("ping", "pong");
        // The reply lives in memory that the host reads after this function has returned.
        CallRet::Reply(OwnedByteBuff::new_from_slice(answer.as_bytes()))
    }

    fn handle_init(_payload: Option<&[u8]>, _serialized_state: Option<&[u8]>) {
        init_logger();
    }

    fn handle_stop() {}
}

edgeless_function::export!(Pong);
