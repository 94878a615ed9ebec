//! Log lines by way of the host: the macros of the `log` crate, and the last words of a panic.

use crate::telemetry_log;
use std::panic::PanicHookInfo;

struct HostLogger;

impl log::Log for HostLogger {
    fn enabled(&self, _metadata: &log::Metadata) -> bool {
        true
    }

    fn log(&self, record: &log::Record) {
        let level = rust_to_api(record.level()) as usize;
        match record.args().as_str() {
            Some(text) => telemetry_log(level, record.target(), text),
            None => telemetry_log(level, record.target(), &record.args().to_string()),
        }
    }

    fn flush(&self) {}
}

/// Lets the macros of the `log` crate reach the host, up to level debug. Without it they print nothing.
///
/// Once is enough. Again is only told, at level warn and target `init_logger`; with the crate of EDGELESS 1.2, a second
/// call traps.
pub fn init_logger() {
    match log::set_logger(&HostLogger) {
        Ok(()) => log::set_max_level(log::LevelFilter::Debug),
        Err(_) => telemetry_log(2, "init_logger", "called though a logger is set: the crate of EDGELESS 1.2 traps here"),
    }
}

/// The platform's number for a log level.
pub fn rust_to_api(lvl: log::Level) -> u32 {
    match lvl {
        log::Level::Error => 1,
        log::Level::Warn => 2,
        log::Level::Info => 3,
        log::Level::Debug => 4,
        log::Level::Trace => 5,
    }
}

/// From now on a panic is logged at level error and target `panic`, before it traps. wasm has no standard error, so its
/// text would be lost.
pub(crate) fn log_panics() {
    #[cfg(target_arch = "wasm32")]
    std::panic::set_hook(Box::new(|panic| telemetry_log(1, "panic", &last_words(panic))));
}

/// `<text>, <file>:<line>:<column>`
#[cfg_attr(not(any(target_arch = "wasm32", test)), allow(dead_code))]
fn last_words(panic: &PanicHookInfo) -> String {
    let payload = panic.payload();
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("a panic whose payload is no text");
    match panic.location() {
        Some(place) => format!("{text}, {place}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic;
    use std::sync::mpsc::channel;

    #[test]
    fn last_words_are_the_text_and_the_place_of_a_panic() {
        let (sender, receiver) = channel();
        panic::set_hook(Box::new(move |panic| sender.send(last_words(panic)).unwrap()));
        let _ = panic::catch_unwind(|| panic!("plain"));
        let _ = panic::catch_unwind(|| panic!("with {}", "arguments"));
        let _ = panic::catch_unwind(|| panic::panic_any(7));
        let _ = panic::take_hook();
        let said: Vec<String> = receiver.try_iter().collect();
        assert_eq!(3, said.len());
        for (text, words) in ["plain", "with arguments", "a panic whose payload is no text"].iter().zip(&said) {
            assert!(words.starts_with(&format!("{text}, src/logging.rs:")), "{words}");
        }
    }

}
