//! Counts, and survives: its state is handed to the host as JSON and comes back in `handle_init`.
//!
//! Cast anything to count one, a whole number to count that many, `reset` to begin again. Call to read the count.

use edgeless_function::*;
use std::sync::Mutex;

#[derive(Clone, Copy, serde::Serialize, serde::Deserialize)]
struct State {
    count: i64,
}

// An instance handles one event at a time and has no threads: this lock never waits. It is here because Rust wants
// statics to be safe whoever touches them.
static STATE: Mutex<State> = Mutex::new(State { count: 0 });

struct Counter;

impl EdgeFunction for Counter {
    fn handle_cast(_src: InstanceId, message: &[u8]) {
        let message = String::from_utf8_lossy(message);
        let mut state = STATE.lock().unwrap();
        state.count = match message.trim() {
            "reset" => 0,
            text => state.count + text.parse().unwrap_or(1),
        };
        log::info!("count is {}", state.count);
        // Synced state outlives a reload of this code. Without this line the count would begin at 0 after every edit.
        sync(serde_json::to_string(&*state).unwrap().as_bytes());
    }

    fn handle_call(_src: InstanceId, _message: &[u8]) -> CallRet {
        let count = STATE.lock().unwrap().count.to_string();
        CallRet::Reply(OwnedByteBuff::new_from_slice(count.as_bytes()))
    }

    fn handle_init(_payload: Option<&[u8]>, serialized_state: Option<&[u8]>) {
        init_logger();
        let Some(serialized) = serialized_state else {
            log::info!("starting from zero");
            return;
        };
        // The state may come from an older version of this code. Not understanding it is no reason to die.
        match serde_json::from_slice(serialized) {
            Ok(state) => {
                *STATE.lock().unwrap() = state;
                log::info!("going on from {}", STATE.lock().unwrap().count);
            }
            Err(error) => log::warn!("starting from zero, for the state cannot be read: {error}"),
        }
    }

    fn handle_stop() {
        log::info!("stopped at {}", STATE.lock().unwrap().count);
    }
}

edgeless_function::export!(Counter);
