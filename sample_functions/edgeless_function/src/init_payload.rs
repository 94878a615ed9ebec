//! Init payloads of the form `key=value,other=value`, the platform's custom.

use std::collections::HashMap;
use std::str::FromStr;

/// Splits `key=value,other=value` into a map. A token without `=` is left out, with an error in the log; what follows a
/// second `=` in a token is dropped.
pub fn parse_init_payload(payload: &str) -> HashMap<&str, &str> {
    let mut arguments = HashMap::new();
    for token in payload.split(',') {
        match token.split_once('=') {
            Some((key, value)) => {
                arguments.insert(key, value.split_once('=').map_or(value, |(value, _)| value));
            }
            None => log::error!("init payload: '{token}' is not of the form key=value"),
        }
    }
    arguments
}

/// [`parse_init_payload`] for what `handle_init` is given; no payload is an empty map.
///
/// # Panics
/// When the payload is not UTF-8.
pub fn init_payload_to_args(payload: Option<&[u8]>) -> HashMap<&str, &str> {
    payload.map_or_else(HashMap::new, |payload| {
        parse_init_payload(core::str::from_utf8(payload).expect("an init payload is UTF-8 text"))
    })
}

/// Whether `key` is there and `true`, in any case of letters.
pub fn arg_to_bool(key: &str, arguments: &HashMap<&str, &str>) -> bool {
    arguments.get(key).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// The value of `key`, split at `pat`, without what is no `T`.
pub fn arg_to_vec<T: FromStr>(key: &str, pat: &str, arguments: &HashMap<&str, &str>) -> Vec<T> {
    let value = arguments.get(key).copied().unwrap_or_default();
    value.split(pat).filter_map(|item| item.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_are_told_apart() {
        assert_eq!(
            HashMap::from([("period", "500"), ("empty", ""), ("", "nameless")]),
            parse_init_payload("period=500,empty=,=nameless")
        );
    }

    #[test]
    fn a_token_without_a_value_is_left_out() {
        assert_eq!(HashMap::from([("b", "2")]), parse_init_payload("a,b=2,,c"));
        assert!(parse_init_payload("").is_empty());
    }

    #[test]
    fn a_second_equals_sign_ends_the_value() {
        assert_eq!(HashMap::from([("a", "b")]), parse_init_payload("a=b=c"));
    }

    #[test]
    fn no_payload_means_no_arguments() {
        assert!(init_payload_to_args(None).is_empty());
        assert_eq!(HashMap::from([("a", "1")]), init_payload_to_args(Some(b"a=1")));
    }

    #[test]
    fn only_true_is_true() {
        let arguments = parse_init_payload("yes=TRUE,also=true,no=false,other=1");
        assert!(arg_to_bool("yes", &arguments) && arg_to_bool("also", &arguments));
        assert!(
            !arg_to_bool("no", &arguments) && !arg_to_bool("other", &arguments) && !arg_to_bool("absent", &arguments)
        );
    }

    #[test]
    fn a_list_keeps_what_can_be_read() {
        let arguments = parse_init_payload("list=1:two:-3,reals=0.5:2");
        assert_eq!(vec![1, -3], arg_to_vec::<i32>("list", ":", &arguments));
        assert_eq!(vec![1], arg_to_vec::<usize>("list", ":", &arguments));
        assert_eq!(vec![0.5, 2.0], arg_to_vec::<f32>("reals", ":", &arguments));
        assert!(arg_to_vec::<i32>("absent", ":", &arguments).is_empty());
        assert!(arg_to_vec::<i32>("list", "/", &arguments).is_empty());
    }
}
