//! Written the way functions of EDGELESS 1.2 are: state in a `OnceLock`, JSON by serde, a logger set up twice over.

use std::ops::Deref;

use edgeless_function::*;

struct Keeper_fun;

#[derive(Debug, serde::Deserialize, serde::Serialize)]
struct KeeperState {
    count: u64,
}

static STATE: std::sync::OnceLock<std::sync::Mutex<KeeperState>> = std::sync::OnceLock::new();

impl EdgeFunction for Keeper_fun {
    fn handle_cast(_src: InstanceId, encoded_message: &[u8]) {
        let str_message = core::str::from_utf8(encoded_message).unwrap();
        let id = STATE.get().unwrap().lock().unwrap().count;

        STATE.get().unwrap().lock().unwrap().count += 1;
        sync(&serde_json::to_string(STATE.get().unwrap().lock().unwrap().deref()).unwrap().as_bytes());

        let res = call("store", &format!("{}-{}", str_message, id).as_bytes());
        match res {
            CallRet::Reply(msg) => {
                if let Ok(msg) = std::str::from_utf8(&msg) {
                    log::info!("Got Reply: {}", msg);
                }
            }
            CallRet::NoReply => {
                log::info!("Got NoReply");
            }
            CallRet::Err => {
                log::error!("Got Reply Error");
            }
        }
        delayed_cast(1000, "self", b"wakeup");
    }

    fn handle_call(_src: InstanceId, encoded_message: &[u8]) -> CallRet {
        log::debug!("'Call' called, MSG: {:?}", encoded_message);
        CallRet::NoReply
    }

    fn handle_init(_payload: Option<&[u8]>, serialized_state: Option<&[u8]>) {
        edgeless_function::init_logger();
        if let Some(serialized) = serialized_state {
            STATE
                .set(std::sync::Mutex::new(serde_json::from_str(core::str::from_utf8(serialized).unwrap()).unwrap()))
                .unwrap();
        } else {
            STATE.set(std::sync::Mutex::new(KeeperState { count: 0 })).unwrap();
        }
    }

    fn handle_stop() {
        log::info!("'Stop' called");
    }
}

edgeless_function::export!(Keeper_fun);
