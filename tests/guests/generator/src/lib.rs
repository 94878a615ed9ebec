//! Written the way functions of EDGELESS 1.2 are: configuration from the init payload, pseudo-random numbers, telemetry.

use edgeless_function::*;

struct Conf {
    is_first: bool,
    outputs: Vec<usize>,
    size: usize,
}

struct State {
    lcg: edgeless_function::lcg::Lcg,
    matrix: Vec<f32>,
    next_id: usize,
}

static CONF: std::sync::OnceLock<Conf> = std::sync::OnceLock::new();
static STATE: std::sync::OnceLock<std::sync::Mutex<State>> = std::sync::OnceLock::new();

struct Generator;

impl EdgeFunction for Generator {
    fn handle_cast(_src: InstanceId, _encoded_message: &[u8]) {
        let conf = CONF.get().unwrap();
        let mut state = STATE.get().unwrap().lock().unwrap();

        if conf.is_first {
            telemetry_log(5, "tbegin", &state.next_id.to_string());
        }
        let vector = edgeless_function::lcg::random_vector(&mut state.lcg, conf.size);
        let product: f32 = state.matrix.iter().zip(vector.iter().cycle()).map(|(a, b)| a * b).sum();
        for output in &conf.outputs {
            cast(format!("out-{}", output).as_str(), format!("{}:{:.3}", state.next_id, product).as_bytes());
        }
        state.next_id += 1;
        delayed_cast((1000.0 * state.lcg.rand()).round() as u64, "self", &[]);
    }

    fn handle_call(_src: InstanceId, _encoded_message: &[u8]) -> CallRet {
        CallRet::NoReply
    }

    // example of payload: seed=42,is_first=true,size=3,outputs=0:2
    fn handle_init(payload: Option<&[u8]>, _serialized_state: Option<&[u8]>) {
        let arguments = edgeless_function::init_payload_to_args(payload);

        let seed = arguments.get("seed").unwrap_or(&"0").parse::<u32>().unwrap_or(0);
        let size = match arguments.get("size").unwrap_or(&"1").parse::<usize>() {
            Ok(size) => size,
            Err(err) => {
                cast("err", format!("Invalid size: {}", err).as_bytes());
                return;
            }
        };
        let _ = CONF.set(Conf {
            is_first: edgeless_function::arg_to_bool("is_first", &arguments),
            outputs: edgeless_function::arg_to_vec::<usize>("outputs", ":", &arguments),
            size,
        });
        let mut lcg = edgeless_function::lcg::Lcg::new(seed);
        let matrix = edgeless_function::lcg::random_matrix(&mut lcg, size);
        let _ = STATE.set(std::sync::Mutex::new(State { lcg, matrix, next_id: 0 }));

        cast("self", &[]);
    }

    fn handle_stop() {
        // Noop
    }
}

edgeless_function::export!(Generator);

#[cfg(test)]
mod tests {
    #[test]
    fn test_lcg() {
        let mut lcg = edgeless_function::lcg::Lcg::new(0);
        assert!(lcg.rand() < 1.0);
    }
}
