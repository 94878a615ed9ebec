//! Uses everything of `edgeless_function::api`, the face the EDGELESS documentation describes.

use edgeless_function::api::*;

struct Face;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Edgefunction for Face {
    fn handle_cast(src: InstanceId, encoded_message: &[u8]) {
        let InstanceId { node_id, function_id } = src;
        match encoded_message {
            b"text" => {
                log("plain text");
                log(&format!("a {}", "String"));
                sync("state as text");
                sync(&String::from("state as a String"));
            }
            b"bytes" => {
                log(b"bytes that are text");
                log([b'?', 0xff]);
                sync(b"state as bytes");
            }
            b"source" => log(format!("{}/{}", hex(&node_id), hex(&function_id))),
            b"later" => delayed_cast(250, "out", b"later"),
            b"call" => match call("out", b"question") {
                CallReturn::Reply(answer) => log(&answer),
                CallRet::Noreply => log("no reply"),
                CallReturn::Err => log("an error"),
            },
            other => cast("out", other),
        }
    }

    fn handle_call(_src: InstanceId, encoded_message: &[u8]) -> CallRet {
        match encoded_message {
            b"" => CallRet::Noreply,
            b"none" => CallReturn::NoRet,
            b"err" => CallRet::Err,
            other => CallReturn::Reply(other.to_vec()),
        }
    }

    fn handle_init(payload: Option<&[u8]>, serialized_state: Option<&[u8]>) {
        log(format!("init with {:?} and {:?}", payload.map(<[u8]>::len), serialized_state.map(<[u8]>::len)));
    }

    fn handle_stop() {
        log("stop");
    }
}

edgeless_function::export!(Face);
