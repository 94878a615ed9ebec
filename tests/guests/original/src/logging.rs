//! The macros of the `log` crate, led to the host.

use crate::host;

struct HostLogger;

impl log::Log for HostLogger {
    fn enabled(&self, _metadata: &log::Metadata) -> bool {
        true
    }

    fn log(&self, record: &log::Record) {
        host::log(&record.args().to_string());
    }

    fn flush(&self) {}
}

pub fn init_logger() {
    log::set_logger(&HostLogger).unwrap();
    log::set_max_level(log::LevelFilter::Debug);
}
