//! Sends a number to the output `tick` at every beat, by casting to itself with a delay: a function has no clock and no
//! thread, so this is how it does something later.
//!
//! Init payload: `period=500`, milliseconds between beats (default 1000).

use edgeless_function::*;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

static PERIOD_MS: AtomicU64 = AtomicU64::new(1000);
static BEATS: AtomicU64 = AtomicU64::new(0);

const BEAT: &[u8] = b"beat";

struct Ticker;

impl EdgeFunction for Ticker {
    fn handle_cast(_src: InstanceId, message: &[u8]) {
        if message != BEAT {
            log::warn!("not a beat: {}", String::from_utf8_lossy(message));
            return;
        }
        let beat = BEATS.fetch_add(1, Relaxed) + 1;
        log::debug!("beat {beat}");
        cast("tick", beat.to_string().as_bytes());
        // Each beat asks for the next one. Leave this out, and the ticker falls silent.
        delayed_cast(PERIOD_MS.load(Relaxed), "self", BEAT);
    }

    fn handle_call(_src: InstanceId, _message: &[u8]) -> CallRet {
        CallRet::Reply(OwnedByteBuff::new_from_slice(BEATS.load(Relaxed).to_string().as_bytes()))
    }

    fn handle_init(payload: Option<&[u8]>, _serialized_state: Option<&[u8]>) {
        init_logger();
        if let Some(period) = init_payload_to_args(payload).get("period") {
            match period.parse() {
                Ok(period) => PERIOD_MS.store(period, Relaxed),
                Err(_) => log::error!("period is not a number of milliseconds: {period}"),
            }
        }
        // `self` is the one output that is certain to exist in here; the platform links the others a little later.
        delayed_cast(PERIOD_MS.load(Relaxed), "self", BEAT);
    }

    fn handle_stop() {
        log::info!("stopped after {} beats", BEATS.load(Relaxed));
    }
}

edgeless_function::export!(Ticker);
