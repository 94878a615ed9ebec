//! Written the way functions of EDGELESS 1.2 are: instance ids taken apart and put together, buffers by their module's name.

use edgeless_function::owned_data::OwnedByteBuff;
use edgeless_function::*;

struct Tagger;

fn format_id(id: &InstanceId) -> String {
    let hex = |bytes: &[u8; 16]| bytes.iter().map(|b| format!("{:02x}", b)).collect::<Vec<String>>().join("");
    format!("{}/{}", hex(&id.node_id), hex(&id.component_id))
}

impl EdgeFunction for Tagger {
    fn handle_cast(src: InstanceId, encoded_message: &[u8]) {
        let own = slf();
        log::info!("{} to {}", format_id(&src), format_id(&own));
        let target = edgeless_function::InstanceId { node_id: own.node_id, component_id: src.component_id };
        edgeless_function::cast_raw(target, encoded_message);
    }

    fn handle_call(src: InstanceId, encoded_message: &[u8]) -> edgeless_function::CallRet {
        let mut buffer = OwnedByteBuff::new_from_slice(encoded_message);
        buffer.make_ascii_uppercase();
        let tagged = [format_id(&src).as_bytes(), b" ", &buffer[..]].concat();
        edgeless_function::CallRet::Reply(OwnedByteBuff::new_from_slice(&tagged))
    }

    fn handle_init(payload: Option<&[u8]>, _serialized_state: Option<&[u8]>) {
        init_logger();
        let arguments = if let Some(payload) = payload {
            let str_payload = core::str::from_utf8(payload).unwrap();
            edgeless_function::parse_init_payload(str_payload)
        } else {
            std::collections::HashMap::new()
        };
        for key in ["greeting", "missing"] {
            log::info!("{} = {}", key, arguments.get(key).unwrap_or(&"nothing"));
        }
    }

    fn handle_stop() {}
}

edgeless_function::export!(Tagger);
