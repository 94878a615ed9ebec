//! Syncs what it gets, and never looks at the state it is given at its start.

use edgeless_function::*;

struct Writer;

impl EdgeFunction for Writer {
    fn handle_cast(_src: InstanceId, message: &[u8]) {
        sync(message);
    }

    fn handle_call(_src: InstanceId, _message: &[u8]) -> CallRet {
        CallRet::NoReply
    }

    fn handle_init(payload: Option<&[u8]>, _serialized_state: Option<&[u8]>) {
        init_logger();
        log::info!("begun with {:?}", payload);
    }

    fn handle_stop() {}
}

edgeless_function::export!(Writer);
