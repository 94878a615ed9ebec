//! Passes numbers within a range on to the output `accepted`, and says to `rejected` what is wrong with the rest.
//!
//! Init payload: `min=17,max=23`. A bound that is left out does not bind.

use edgeless_function::*;
use std::sync::OnceLock;

struct Filter {
    min: f32,
    max: f32,
}

static FILTER: OnceLock<Filter> = OnceLock::new();

/// Why a message is not passed on, or that it is. Plain functions like this one can be tested with `cargo test`.
fn judge(filter: &Filter, message: &str) -> Result<(), String> {
    let number: f32 = message.parse().map_err(|_| format!("not a number: {message}"))?;
    if number < filter.min {
        return Err(format!("too low: {number}"));
    }
    if number > filter.max {
        return Err(format!("too high: {number}"));
    }
    Ok(())
}

impl EdgeFunction for Filter {
    fn handle_cast(_src: InstanceId, message: &[u8]) {
        let text = String::from_utf8_lossy(message);
        match judge(FILTER.get().unwrap(), &text) {
            Ok(()) => cast("accepted", message),
            Err(reason) => {
                log::warn!("{reason}");
                cast("rejected", reason.as_bytes());
            }
        }
    }

    fn handle_call(_src: InstanceId, _message: &[u8]) -> CallRet {
        CallRet::NoReply
    }

    fn handle_init(payload: Option<&[u8]>, _serialized_state: Option<&[u8]>) {
        init_logger();
        let arguments = init_payload_to_args(payload);
        let bound = |key: &str| arguments.get(key).and_then(|value| value.parse().ok());
        let filter =
            Filter { min: bound("min").unwrap_or(f32::NEG_INFINITY), max: bound("max").unwrap_or(f32::INFINITY) };
        log::info!("passing on what lies from {} to {}", filter.min, filter.max);
        // Nothing else sets it: an instance is initialised once.
        let _ = FILTER.set(filter);
    }

    fn handle_stop() {}
}

edgeless_function::export!(Filter);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_range_pass_and_others_are_told_why() {
        let filter = Filter { min: 1.0, max: 2.0 };
        assert_eq!(Ok(()), judge(&filter, "1.5"));
        assert_eq!(Err("too low: 0.5".to_owned()), judge(&filter, "0.5"));
        assert_eq!(Err("too high: 3".to_owned()), judge(&filter, "3"));
        assert_eq!(Err("not a number: warm".to_owned()), judge(&filter, "warm"));
    }
}
