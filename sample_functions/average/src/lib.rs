//! Sends the average of the last few numbers it got to the output `average`. End of the pipeline.
//!
//! Init payload: `window=5`, how many numbers it looks back on. The numbers are its state, so a new version of this code
//! goes on with those of the old one.

use edgeless_function::*;
use std::collections::VecDeque;
use std::sync::Mutex;

struct Window {
    size: usize,
    numbers: VecDeque<f32>,
}

static WINDOW: Mutex<Window> = Mutex::new(Window { size: 5, numbers: VecDeque::new() });

impl Window {
    fn add(&mut self, number: f32) -> f32 {
        self.numbers.push_back(number);
        while self.numbers.len() > self.size {
            self.numbers.pop_front();
        }
        self.numbers.iter().sum::<f32>() / self.numbers.len() as f32
    }

    /// State is text of the function's own making. Numbers with spaces between them will do; it need not be JSON.
    fn to_text(&self) -> String {
        self.numbers.iter().map(f32::to_string).collect::<Vec<_>>().join(" ")
    }
}

struct Average;

impl EdgeFunction for Average {
    fn handle_cast(_src: InstanceId, message: &[u8]) {
        let text = String::from_utf8_lossy(message);
        let Ok(number) = text.parse() else {
            log::warn!("not a number: {text}");
            return;
        };
        let mut window = WINDOW.lock().unwrap();
        let average = window.add(number);
        cast("average", format!("{average:.3}").as_bytes());
        sync(window.to_text().as_bytes());
    }

    fn handle_call(_src: InstanceId, _message: &[u8]) -> CallRet {
        CallRet::NoReply
    }

    fn handle_init(payload: Option<&[u8]>, serialized_state: Option<&[u8]>) {
        init_logger();
        let mut window = WINDOW.lock().unwrap();
        if let Some(size) = init_payload_to_args(payload).get("window") {
            // A panic ends the instance. Its text, with file and line, is logged before it does.
            window.size = size.parse().expect("window must be a whole number");
        }
        let state = String::from_utf8_lossy(serialized_state.unwrap_or_default());
        window.numbers = state.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    }

    fn handle_stop() {}
}

edgeless_function::export!(Average);
