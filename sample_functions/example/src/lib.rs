//! The example of the EDGELESS documentation, on the face it is written for, made to compile.
//!
//! What had to change, and why:
//!
//! - `format!("{}", encoded_message)` formats a `&[u8]`, and bytes have no `Display`: they go through
//!   `String::from_utf8_lossy`.
//! - `STATE` was read but never set, so the first cast would have panicked on `unwrap`: `handle_init` sets it, from the
//!   serialized state where there is one.
//! - `.deref()` needs `std::ops::Deref` in scope; `&*guard` says the same without it.
//! - Unused parameters begin with an underscore, so that the compiler has nothing to remark.

use edgeless_function::api::*;

struct ExampleFunction;

#[derive(Debug, serde::Deserialize, serde::Serialize)]
struct ExampleState {
    count: u64,
}

static STATE: std::sync::OnceLock<std::sync::Mutex<ExampleState>> = std::sync::OnceLock::new();

impl Edgefunction for ExampleFunction {
    fn handle_cast(_src: InstanceId, encoded_message: &[u8]) {
        log(&format!("Example: 'Cast' called, MSG: {}", String::from_utf8_lossy(encoded_message)));
        STATE.get().unwrap().lock().unwrap().count += 1;
        sync(&serde_json::to_string(&*STATE.get().unwrap().lock().unwrap()).unwrap());
    }

    fn handle_call(_src: InstanceId, encoded_message: &[u8]) -> CallRet {
        log(&format!("Example: 'Call' called, MSG: {}", String::from_utf8_lossy(encoded_message)));
        CallRet::Noreply
    }

    fn handle_init(_payload: Option<&[u8]>, serialized_state: Option<&[u8]>) {
        log("Example: 'Init' called");
        let state = serialized_state.and_then(|state| serde_json::from_slice(state).ok());
        STATE.set(std::sync::Mutex::new(state.unwrap_or(ExampleState { count: 0 }))).unwrap();
    }

    fn handle_stop() {
        log("Example: 'Stop' called");
    }
}

edgeless_function::export!(ExampleFunction);
