//! Does what it is told: a function for testing hosts. Every import, every outcome, every fault, on command.
//!
//! A cast, a call or an init payload is a script, one command a line; `stop: COMMAND` lines of an init payload run in
//! `handle_stop`. In a command, ALIAS and WHO are one word, TEXT is the rest of the line. Unless told otherwise the
//! probe is silent: what it finds out, it logs at level info and target `probe`.
//!
//! | command | does |
//! |---|---|
//! | `cast ALIAS TEXT` · `cast_raw WHO TEXT` | casts; WHO is `src`, `self` or `nobody` |
//! | `call ALIAS TEXT` · `call_raw WHO TEXT` | calls, logs `reply TEXT`, `noreply` or `err` |
//! | `delayed MS ALIAS TEXT` | casts later |
//! | `log LEVEL TEXT` | logs; LEVEL is any number, the target is `probe` |
//! | `info TEXT` · `trace TEXT` | logs through the `log` crate |
//! | `sync TEXT` | syncs |
//! | `slf` · `src` | logs the own id, the id of the event's source: `NODE/COMPONENT` in hex |
//! | `given` | logs `payload=TEXT state=TEXT`, what `handle_init` was given; `-` for nothing |
//! | `count` | logs how often it was asked to |
//! | `reply TEXT` · `noreply` · `err` · `reply_bytes N` · `reply_nonutf8` | how `handle_call` ends |
//! | `big KIND N` | KIND with N bytes `x`: `cast`, `call`, `delayed`, `log`, `sync` |
//! | `burst N` | casts `0` to `N-1` to `out` |
//! | `nonutf8 WHAT` | text that is none: `cast`, `cast_raw`, `call`, `call_raw`, `delayed`, `log`, `sync` or, as the name, `target`, `call_target`, `delayed_target`, `log_target` |
//! | `wild IMPORT` | an address outside the memory: `cast`, `call_out`, `slf`, `sync` |
//! | `panic TEXT` · `unreachable` · `oob` · `loop` · `stack` · `alloc MB` · `hog` | faults; `alloc` keeps what it got |

use edgeless_function::*;
use std::hint::black_box;
use std::sync::Mutex;

const NOT_TEXT: &[u8] = &[b'o', b'k', 0xff, 0xfe];
const WILD: *mut u8 = 0xffff_fff0 as *mut u8;

/// What lasts from one event to the next.
struct Memory {
    payload: Option<String>,
    state: Option<String>,
    at_stop: Vec<String>,
    count: u32,
    kept: Vec<Vec<u8>>,
}

static MEMORY: Mutex<Memory> =
    Mutex::new(Memory { payload: None, state: None, at_stop: vec![], count: 0, kept: vec![] });

fn say(text: &str) {
    telemetry_log(3, "probe", text);
}

fn word(text: &str) -> (&str, &str) {
    text.split_once(' ').unwrap_or((text, ""))
}

fn number(text: &str) -> usize {
    text.parse().unwrap_or_else(|_| panic!("'{text}' is not a number"))
}

fn who(name: &str, src: InstanceId) -> InstanceId {
    match name {
        "src" => src,
        "self" => slf(),
        "nobody" => InstanceId { node_id: [0xee; 16], component_id: [0xee; 16] },
        _ => panic!("'{name}' is nobody the probe knows"),
    }
}

fn hex(id: InstanceId) -> String {
    let hex = |bytes: [u8; 16]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("{}/{}", hex(id.node_id), hex(id.component_id))
}

fn tell(outcome: CallRet) {
    match outcome {
        CallRet::NoReply => say("noreply"),
        CallRet::Reply(reply) => say(&format!("reply {}", String::from_utf8_lossy(&reply))),
        CallRet::Err => say("err"),
    }
}

/// Runs a script; the last command that says how a call ends, decides.
fn run(script: &str, src: InstanceId) -> CallRet {
    let mut outcome = CallRet::NoReply;
    for line in script.lines().filter(|line| !line.is_empty()) {
        if let Some(ended) = obey(line, src) {
            outcome = ended;
        }
    }
    outcome
}

fn obey(line: &str, src: InstanceId) -> Option<CallRet> {
    let (command, rest) = word(line);
    let (first, text) = word(rest);
    match command {
        "cast" => cast(first, text.as_bytes()),
        "cast_raw" => cast_raw(who(first, src), text.as_bytes()),
        "call" => tell(call(first, text.as_bytes())),
        "call_raw" => tell(call_raw(who(first, src), text.as_bytes())),
        "delayed" => {
            let (alias, text) = word(text);
            delayed_cast(number(first) as u64, alias, text.as_bytes());
        }
        "log" => telemetry_log(number(first), "probe", text),
        "info" => log::info!("{rest}"),
        "trace" => log::trace!("{rest}"),
        "sync" => sync(rest.as_bytes()),
        "slf" => say(&hex(slf())),
        "src" => say(&hex(src)),
        "given" => say(&given()),
        "count" => say(&count().to_string()),
        "big" => big(first, &vec![b'x'; number(text)]),
        "burst" => (0..number(first)).for_each(|n| cast("out", n.to_string().as_bytes())),
        "nonutf8" => non_utf8(first, src),
        "wild" => unsafe { wild(first) },
        "noreply" => return Some(CallRet::NoReply),
        "err" => return Some(CallRet::Err),
        "reply" => return Some(reply(rest.as_bytes())),
        "reply_bytes" => return Some(reply(&vec![b'x'; number(first)])),
        "reply_nonutf8" => return Some(reply(NOT_TEXT)),
        fault => misbehave(fault, rest),
    }
    None
}

fn reply(bytes: &[u8]) -> CallRet {
    CallRet::Reply(OwnedByteBuff::new_from_slice(bytes))
}

fn given() -> String {
    let memory = MEMORY.lock().unwrap();
    let shown = |text: &Option<String>| text.clone().unwrap_or("-".into());
    format!("payload={} state={}", shown(&memory.payload), shown(&memory.state))
}

fn count() -> u32 {
    let mut memory = MEMORY.lock().unwrap();
    memory.count += 1;
    memory.count
}

fn big(kind: &str, bytes: &[u8]) {
    match kind {
        "cast" => cast("out", bytes),
        "call" => tell(call("out", bytes)),
        "delayed" => delayed_cast(1, "out", bytes),
        "log" => say(core::str::from_utf8(bytes).unwrap()),
        "sync" => sync(bytes),
        _ => panic!("nothing is called '{kind}'"),
    }
}

/// Names that are no text cannot be a `&str`, so those go to the imports directly.
fn non_utf8(what: &str, src: InstanceId) {
    let (bad, bad_len, text) = (NOT_TEXT.as_ptr(), NOT_TEXT.len(), b"text");
    let (mut reply, mut reply_len) = (core::ptr::null_mut(), 0u64);
    match what {
        "cast" => cast("out", NOT_TEXT),
        "cast_raw" => cast_raw(src, NOT_TEXT),
        "call" => tell(call("out", NOT_TEXT)),
        "call_raw" => tell(call_raw(src, NOT_TEXT)),
        "delayed" => delayed_cast(1, "out", NOT_TEXT),
        "sync" => sync(NOT_TEXT),
        "log" => unsafe { imports::telemetry_log_asm(3, text.as_ptr(), 4, bad, bad_len) },
        "log_target" => unsafe { imports::telemetry_log_asm(3, bad, bad_len, text.as_ptr(), 4) },
        "target" => unsafe { imports::cast_asm(bad, bad_len, text.as_ptr(), 4) },
        "delayed_target" => unsafe { imports::delayed_cast_asm(1, bad, bad_len, text.as_ptr(), 4) },
        "call_target" => unsafe {
            imports::call_asm(bad, bad_len, text.as_ptr(), 4, &mut reply, &mut reply_len);
        },
        _ => panic!("nothing is called '{what}'"),
    }
}

/// # Safety
/// None: the addresses lie outside the memory, and what happens is the host's affair.
unsafe fn wild(import: &str) {
    unsafe {
        match import {
            "cast" => imports::cast_asm(WILD, 64, WILD, 64),
            "call_out" => {
                imports::call_asm("out".as_ptr(), 3, WILD, 0, WILD.cast(), WILD.cast());
            }
            "slf" => imports::slf_asm(WILD, WILD),
            "sync" => imports::sync_asm(WILD, 64),
            _ => panic!("nothing is called '{import}'"),
        }
    }
}

fn misbehave(fault: &str, rest: &str) {
    match fault {
        "panic" => panic!("{rest}"),
        "unreachable" => std::process::abort(),
        "oob" => unsafe { WILD.write_volatile(1) },
        "spin" => (0..number(rest) * 1_000_000).for_each(|n| {
            black_box(n);
        }),
        "loop" => loop {
            black_box(());
        },
        "stack" => {
            black_box(dig(0));
        }
        "alloc" => keep(number(rest)),
        "hog" => loop {
            keep(1);
        },
        _ => panic!("the probe knows no command '{fault}'"),
    }
}

fn keep(megabytes: usize) {
    MEMORY.lock().unwrap().kept.push(black_box(vec![1; megabytes << 20]));
}

fn dig(depth: u64) -> u64 {
    black_box(if depth == u64::MAX { 0 } else { dig(black_box(depth + 1)) + 1 })
}

struct Probe;

impl EdgeFunction for Probe {
    fn handle_cast(src: InstanceId, message: &[u8]) {
        run(&String::from_utf8_lossy(message), src);
    }

    fn handle_call(src: InstanceId, message: &[u8]) -> CallRet {
        run(&String::from_utf8_lossy(message), src)
    }

    fn handle_init(payload: Option<&[u8]>, serialized_state: Option<&[u8]>) {
        init_logger();
        let text = |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let payload = text(payload);
        let script = payload.clone().unwrap_or_default();
        let (at_stop, now): (Vec<&str>, Vec<&str>) = script.lines().partition(|line| line.starts_with("stop: "));
        {
            let mut memory = MEMORY.lock().unwrap();
            memory.at_stop = at_stop.iter().map(|line| line["stop: ".len()..].to_owned()).collect();
            memory.payload = payload;
            memory.state = text(serialized_state);
        }
        run(&now.join("\n"), slf());
    }

    fn handle_stop() {
        let script = MEMORY.lock().unwrap().at_stop.join("\n");
        run(&script, slf());
    }
}

edgeless_function::export!(Probe);
