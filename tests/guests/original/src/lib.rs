//! Written as functions are that are built with the guest crate of EDGELESS 1.2, without any crate of ours: the reply of a
//! call is freed before the host reads it, a logger can be set once only, and nobody tells the words of a panic.
//!
//! A call is answered with what it says, `-` with nothing. A cast `logger` sets the logger, `keep N` allocates N bytes for
//! good, any other is logged. `handle_init` sets the logger unless its payload is `silent`, and twice if it is `twice`.

mod host;
mod logging;

use std::mem::forget;

fn handle_cast(message: &str) {
    match message.split_once(' ') {
        _ if message == "logger" => logging::init_logger(),
        Some(("keep", size)) => forget(vec![1u8; size.parse().unwrap()]),
        _ => log::info!("{message}"),
    }
}

fn handle_call(message: &str) -> Option<Vec<u8>> {
    (message != "-").then(|| message.into())
}

fn handle_init(payload: &str) {
    if payload != "silent" {
        logging::init_logger();
    }
    if payload == "twice" {
        logging::init_logger();
    }
}
