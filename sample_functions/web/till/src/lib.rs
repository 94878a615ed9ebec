//! Knows what things cost, and has each order written down before it says so.
//!
//! Call it with `3 apples`. Init payload: `apples=50,pears=70`, the prices in cents.

use edgeless_function::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Mutex;

static PRICES: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());

/// What goes to `book`.
#[derive(Serialize)]
struct Order<'a> {
    pieces: u64,
    fruit: &'a str,
    cents: u64,
}

impl<'a> Order<'a> {
    /// Nothing when it cannot be understood, or nothing of the kind is sold.
    fn read(text: &'a str) -> Option<Order<'a>> {
        let (pieces, fruit) = text.trim().split_once(' ')?;
        let pieces: u64 = pieces.parse().ok()?;
        let cents = pieces.checked_mul(*PRICES.lock().unwrap().get(fruit)?)?;
        Some(Order { pieces, fruit, cents })
    }
}

struct Till;

impl EdgeFunction for Till {
    fn handle_cast(_src: InstanceId, _message: &[u8]) {
        log::warn!("a cast has nobody waiting to hear the price; call me");
    }

    fn handle_call(_src: InstanceId, message: &[u8]) -> CallRet {
        let text = String::from_utf8_lossy(message);
        let Some(order) = Order::read(&text) else {
            // Nothing went wrong here, so this is no Err: there just is nothing to say to such an order.
            return CallRet::NoReply;
        };
        // While this waits, nothing else is handled here: the next order has to wait in the mailbox.
        match call("book", &serde_json::to_vec(&order).unwrap()) {
            CallRet::Reply(number) => {
                let number = String::from_utf8_lossy(&number);
                let receipt = format!("order {number}: {} {} for {}", order.pieces, order.fruit, euros(order.cents));
                CallRet::Reply(OwnedByteBuff::new_from_slice(receipt.as_bytes()))
            }
            _ => CallRet::Err,
        }
    }

    fn handle_init(payload: Option<&[u8]>, _serialized_state: Option<&[u8]>) {
        init_logger();
        let mut prices = PRICES.lock().unwrap();
        for (fruit, cents) in init_payload_to_args(payload) {
            // A price that is none ends the instance here, before it could sell anything for it.
            prices.insert(fruit.to_string(), cents.parse().expect("a price must be a whole number of cents"));
        }
    }

    fn handle_stop() {}
}

fn euros(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

edgeless_function::export!(Till);
