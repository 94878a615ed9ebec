//! Numbers that look random and are the same in every run: the linear congruential generator that glibc's `rand` knows.

/// The generator: `s = (1103515245 s + 12345) mod 2^31`.
pub struct Lcg {
    state: u32,
}

impl Lcg {
    pub fn new(seed: u32) -> Self {
        Self { state: seed }
    }

    /// The next number, from 0 up to 1.
    pub fn rand(&mut self) -> f32 {
        // 2^31 divides 2^32, so wrapping at 32 bits loses nothing.
        self.state = self.state.wrapping_mul(1_103_515_245).wrapping_add(12_345) % (1 << 31);
        self.state as f32 / (1u32 << 31) as f32
    }
}

/// A square matrix of `size` rows, row by row.
pub fn random_matrix(lcg: &mut Lcg, size: usize) -> Vec<f32> {
    random_vector(lcg, size * size)
}

/// `size` numbers.
pub fn random_vector(lcg: &mut Lcg, size: usize) -> Vec<f32> {
    std::iter::repeat_with(|| lcg.rand()).take(size).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_numbers_follow_from_the_seed() {
        let mut lcg = Lcg::new(42);
        let first = (1_103_515_245u64 * 42 + 12_345) % (1 << 31);
        let second = (1_103_515_245 * first + 12_345) % (1 << 31);
        assert_eq!(first as f32 / 2_147_483_648.0, lcg.rand());
        assert_eq!(second as f32 / 2_147_483_648.0, lcg.rand());
    }

    #[test]
    fn the_numbers_spread_over_their_range() {
        let numbers = random_vector(&mut Lcg::new(1), 1000);
        let tenths: std::collections::HashSet<u32> = numbers.iter().map(|number| (number * 10.0) as u32).collect();
        assert_eq!((0..10).collect::<std::collections::HashSet<u32>>(), tenths);
    }

    #[test]
    fn a_matrix_is_square() {
        assert_eq!(9, random_matrix(&mut Lcg::new(7), 3).len());
    }
}
