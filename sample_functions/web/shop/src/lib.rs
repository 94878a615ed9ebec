//! The face towards the web: understands requests, lets `till` and `book` do the work, and makes responses.
//!
//! `POST /orders` with a body like `3 apples` orders; `GET /orders` tells what was sold.

mod http;

use edgeless_function::*;
use http::{Request, Response};

struct Shop;

impl EdgeFunction for Shop {
    fn handle_cast(_src: InstanceId, _message: &[u8]) {
        log::warn!("a cast has nobody waiting for a response; this is for an http-ingress without `async`");
    }

    /// An `http-ingress` calls with the request and waits: what is replied here is what the browser gets.
    fn handle_call(_src: InstanceId, message: &[u8]) -> CallRet {
        let request = match Request::parse(message) {
            Ok(request) => request,
            // Err becomes 404, as if nobody were here.
            Err(error) => {
                log::error!("this is no request: {error}");
                return CallRet::Err;
            }
        };
        let response = respond(&request);
        CallRet::Reply(OwnedByteBuff::new_from_slice(&response.to_json()))
    }

    fn handle_init(_payload: Option<&[u8]>, _serialized_state: Option<&[u8]>) {
        init_logger();
    }

    fn handle_stop() {}
}

fn respond(request: &Request) -> Response {
    log::info!("{} {} {}", request.method, request.path, request.text());
    let answer = match (request.method.as_str(), request.path.as_str()) {
        ("Post", "/orders") => call("till", request.text().as_bytes()),
        ("Get", "/orders") => call("book", b"total"),
        _ => return Response::text(404, "there are only /orders"),
    };
    match answer {
        CallRet::Reply(reply) => Response::text(200, &String::from_utf8_lossy(&reply)),
        CallRet::NoReply => Response::text(400, "an order looks like: 3 apples"),
        CallRet::Err => Response::text(503, "the shop cannot write in its book; try again later"),
    }
}

edgeless_function::export!(Shop);
