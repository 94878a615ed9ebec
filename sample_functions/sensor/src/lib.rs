//! A thermometer that is none: sends a reading to the output `reading` once in a while. Start of the pipeline
//! sensor → filter → average.
//!
//! Init payload: `period=500,min=15,max=25,seed=7`: milliseconds between readings, the range they lie in, and the seed
//! they follow from.

use edgeless_function::lcg::Lcg;
use edgeless_function::*;
use std::sync::{Mutex, OnceLock};

struct Sensor {
    period_ms: u64,
    min: f32,
    max: f32,
    // A function has no source of randomness. With the same seed, every run gives the same readings.
    noise: Mutex<Lcg>,
}

static SENSOR: OnceLock<Sensor> = OnceLock::new();

impl EdgeFunction for Sensor {
    fn handle_cast(_src: InstanceId, _message: &[u8]) {
        let sensor = SENSOR.get().unwrap();
        let share = sensor.noise.lock().unwrap().rand();
        let reading = sensor.min + share * (sensor.max - sensor.min);
        cast("reading", format!("{reading:.2}").as_bytes());
        delayed_cast(sensor.period_ms, "self", b"read");
    }

    fn handle_call(_src: InstanceId, _message: &[u8]) -> CallRet {
        CallRet::NoReply
    }

    fn handle_init(payload: Option<&[u8]>, _serialized_state: Option<&[u8]>) {
        init_logger();
        let arguments = init_payload_to_args(payload);
        let number = |key: &str, default: f32| match arguments.get(key).map(|value| value.parse()) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(_)) => {
                log::error!("{key} is not a number: {}; taking {default}", arguments[key]);
                default
            }
        };
        let sensor = Sensor {
            period_ms: number("period", 1000.0) as u64,
            min: number("min", 15.0),
            max: number("max", 25.0),
            noise: Mutex::new(Lcg::new(number("seed", 0.0) as u32)),
        };
        log::info!("a reading from {} to {} every {} ms", sensor.min, sensor.max, sensor.period_ms);
        delayed_cast(sensor.period_ms, "self", b"read");
        // Nothing else sets it: an instance is initialised once.
        let _ = SENSOR.set(sensor);
    }

    fn handle_stop() {}
}

edgeless_function::export!(Sensor);
