//! Misbehaves on demand, to show what becomes of a function that does.
//!
//! Cast or call it with one of these; or give `init=FAULT` or `stop=FAULT` as its init payload, and it happens in
//! `handle_init` or `handle_stop`:
//!
//! | fault | what the platform does |
//! |---|---|
//! | `panic` | the function traps and is gone; its last words are in the log |
//! | `loop` | the handler never ends, and nothing can end it but the node's own end |
//! | `memory` | no limit but the machine's; here the instance has one, and traps |
//! | `deep` | the stack overflows: a trap |
//! | `non-utf8` | messages must be text: the cast traps |
//! | `unknown-alias` | a cast to an output nobody declared: ignored, and lost |
//! | `unknown-call` | a call to one: a trap |
//! | `flood` | a thousand casts to `out` at once; all of them arrive |

use edgeless_function::*;
use std::hint::black_box;
use std::sync::OnceLock;

static AT_STOP: OnceLock<String> = OnceLock::new();

struct Risky;

fn misbehave(fault: &str) {
    match fault {
        "panic" => panic!("you asked for it"),
        "loop" => loop {
            black_box(());
        },
        "memory" => {
            let mut hoard: Vec<Vec<u8>> = vec![];
            loop {
                hoard.push(black_box(vec![1; 1 << 20]));
            }
        }
        "deep" => log::info!("came back from a depth of {}", descend(0)),
        "non-utf8" => cast("out", &[0xff, 0xfe]),
        "unknown-alias" => cast("nowhere", b"hello?"),
        "unknown-call" => {
            call("nowhere", b"hello?");
        }
        "flood" => (0..1000).for_each(|number| cast("out", number.to_string().as_bytes())),
        other => log::info!("'{other}' is harmless"),
    }
}

/// `black_box` keeps the compiler from seeing that this never ends.
fn descend(depth: u32) -> u32 {
    if black_box(depth) == u32::MAX { depth } else { descend(depth + 1).max(black_box(depth)) }
}

impl EdgeFunction for Risky {
    fn handle_cast(_src: InstanceId, message: &[u8]) {
        misbehave(&String::from_utf8_lossy(message));
    }

    fn handle_call(_src: InstanceId, message: &[u8]) -> CallRet {
        // When this traps, the caller gets no answer at all, not even an error.
        misbehave(&String::from_utf8_lossy(message));
        CallRet::Reply(OwnedByteBuff::new_from_slice(b"survived"))
    }

    fn handle_init(payload: Option<&[u8]>, _serialized_state: Option<&[u8]>) {
        init_logger();
        let faults = init_payload_to_args(payload);
        if let Some(fault) = faults.get("stop") {
            let _ = AT_STOP.set(fault.to_string());
        }
        if let Some(fault) = faults.get("init") {
            misbehave(fault);
        }
    }

    fn handle_stop() {
        if let Some(fault) = AT_STOP.get() {
            misbehave(fault);
        }
    }
}

edgeless_function::export!(Risky);
