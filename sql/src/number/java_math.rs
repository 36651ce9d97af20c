//! Functions of doubles to the last bit as the JVM's `StrictMath` gives them.
//!
//! That is specified to be fdlibm. The crate `libm` descends from it as well and agrees for the exponential, powers and
//! the inverse circular functions; the logarithms, hyperbolic functions and the cube root it computes in another order of
//! operations, so they are here. The circular functions are missing on purpose: the JVM replaces them by what the
//! processor's vendor offers, so even two JVMs differ.

/// High and low part of the natural logarithm of 2.
const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// Coefficients of (ln(1+s) - ln(1-s) - 2s) / s in powers of s².
const SERIES: [f64; 7] = [
    6.666_666_666_666_735e-1,
    3.999_999_999_940_942e-1,
    2.857_142_874_366_239e-1,
    2.222_219_843_214_978_4e-1,
    1.818_357_216_161_805e-1,
    1.531_383_769_920_937_3e-1,
    1.479_819_860_511_658_6e-1,
];

fn high_word(value: f64) -> i32 {
    let high = value.to_bits() >> 32;
    u32::try_from(high).unwrap_or(0).cast_signed()
}

fn with_high_word(value: f64, high: i32) -> f64 {
    f64::from_bits(u64::from(high.cast_unsigned()) << 32 | value.to_bits() & 0xffff_ffff)
}

/// The odd and even powers of the series, summed apart.
fn series(z: f64) -> f64 {
    let w = z * z;
    let even = w * (SERIES[1] + w * (SERIES[3] + w * SERIES[5]));
    let odd = z * (SERIES[0] + w * (SERIES[2] + w * (SERIES[4] + w * SERIES[6])));
    odd + even
}

/// Natural logarithm.
pub(crate) fn ln(value: f64) -> f64 {
    let mut x = value;
    let mut k = 0;
    let mut high = high_word(x);
    if high < 0x0010_0000 {
        if x == 0.0 {
            return f64::NEG_INFINITY;
        }
        if high < 0 {
            return f64::NAN;
        }
        // A number without its leading one is scaled up.
        k -= 54;
        x *= f64::from_bits(0x4350_0000_0000_0000);
        high = high_word(x);
    }
    if high >= 0x7ff0_0000 {
        return x + x;
    }
    k += (high >> 20) - 1023;
    high &= 0x000f_ffff;
    // To between the square roots of 1/2 and 2.
    let i = (high + 0x95f64) & 0x0010_0000;
    x = with_high_word(x, high | (i ^ 0x3ff0_0000));
    k += i >> 20;
    let f = x - 1.0;
    let dk = f64::from(k);
    if 0x000f_ffff & (2 + high) < 3 {
        // Close to one three terms suffice.
        if f == 0.0 {
            return if k == 0 { 0.0 } else { dk * LN2_HIGH + dk * LN2_LOW };
        }
        let r = f * f * (0.5 - 0.333_333_333_333_333_3 * f);
        return if k == 0 { f - r } else { dk * LN2_HIGH - ((r - dk * LN2_LOW) - f) };
    }
    let s = f / (2.0 + f);
    let r = series(s * s);
    if (high - 0x6147a) | (0x6b851 - high) > 0 {
        let half = 0.5 * f * f;
        if k == 0 {
            f - (half - s * (half + r))
        } else {
            dk * LN2_HIGH - ((half - (s * (half + r) + dk * LN2_LOW)) - f)
        }
    } else if k == 0 {
        f - s * (f - r)
    } else {
        dk * LN2_HIGH - ((s * (f - r) - dk * LN2_LOW) - f)
    }
}

/// Logarithm to the base 10.
pub(crate) fn log10(value: f64) -> f64 {
    let mut x = value;
    let mut k = 0;
    let mut high = high_word(x);
    if high < 0x0010_0000 {
        if x == 0.0 {
            return f64::NEG_INFINITY;
        }
        if high < 0 {
            return f64::NAN;
        }
        k -= 54;
        x *= f64::from_bits(0x4350_0000_0000_0000);
        high = high_word(x);
    }
    if high >= 0x7ff0_0000 {
        return x + x;
    }
    k += (high >> 20) - 1023;
    let i = i32::from(k < 0);
    let y = f64::from(k + i);
    x = with_high_word(x, high & 0x000f_ffff | (0x3ff - i) << 20);
    let z = y * 3.694_239_077_158_931e-13 + std::f64::consts::LOG10_E * ln(x);
    z + y * 3.010_299_956_636_117_7e-1
}

/// Natural logarithm of one more.
pub(crate) fn log1p(x: f64) -> f64 {
    let high = high_word(x);
    let magnitude = high & 0x7fff_ffff;
    let mut k = 1;
    let (mut f, mut hu, mut c) = (0.0, 0, 0.0);
    if high < 0x3fda_827a {
        if magnitude >= 0x3ff0_0000 {
            return if x == -1.0 { f64::NEG_INFINITY } else { f64::NAN };
        }
        if magnitude < 0x3e20_0000 {
            return if magnitude < 0x3c90_0000 { x } else { x - x * x * 0.5 };
        }
        // Between -0.2929 and 0.41422 nothing is to be reduced.
        if high > 0 || high <= 0xbfd2_bec3_u32.cast_signed() {
            (k, f, hu) = (0, x, 1);
        }
    }
    if high >= 0x7ff0_0000 {
        return x + x;
    }
    if k != 0 {
        let mut u;
        if high < 0x4340_0000 {
            u = 1.0 + x;
            hu = high_word(u);
            k = (hu >> 20) - 1023;
            // What was lost by adding one.
            c = if k > 0 { 1.0 - (u - x) } else { x - (u - 1.0) };
            c /= u;
        } else {
            u = x;
            hu = high_word(u);
            k = (hu >> 20) - 1023;
            c = 0.0;
        }
        hu &= 0x000f_ffff;
        if hu < 0x6a09e {
            u = with_high_word(u, hu | 0x3ff0_0000);
        } else {
            k += 1;
            u = with_high_word(u, hu | 0x3fe0_0000);
            hu = (0x0010_0000 - hu) >> 2;
        }
        f = u - 1.0;
    }
    let dk = f64::from(k);
    let half = 0.5 * f * f;
    if hu == 0 {
        if f == 0.0 {
            return if k == 0 { 0.0 } else { dk * LN2_HIGH + (c + dk * LN2_LOW) };
        }
        let r = half * (1.0 - 0.666_666_666_666_666_6 * f);
        return if k == 0 { f - r } else { dk * LN2_HIGH - ((r - (dk * LN2_LOW + c)) - f) };
    }
    let s = f / (2.0 + f);
    let z = s * s;
    let r = z
        * (SERIES[0]
            + z * (SERIES[1]
                + z * (SERIES[2] + z * (SERIES[3] + z * (SERIES[4] + z * (SERIES[5] + z * SERIES[6]))))));
    if k == 0 {
        f - (half - s * (half + r))
    } else {
        dk * LN2_HIGH - ((half - (s * (half + r) + (dk * LN2_LOW + c))) - f)
    }
}

/// Hyperbolic sine.
pub(crate) fn sinh(x: f64) -> f64 {
    let magnitude = high_word(x) & 0x7fff_ffff;
    if magnitude >= 0x7ff0_0000 {
        return x + x;
    }
    let half = 0.5_f64.copysign(x);
    if magnitude < 0x4036_0000 {
        if magnitude < 0x3e30_0000 {
            return x;
        }
        let t = libm::expm1(x.abs());
        return if magnitude < 0x3ff0_0000 {
            half * (2.0 * t - t * t / (t + 1.0))
        } else {
            half * (t + t / (t + 1.0))
        };
    }
    let (factor, other) = large(x.abs(), magnitude);
    half * factor * other
}

/// Hyperbolic cosine.
pub(crate) fn cosh(x: f64) -> f64 {
    let magnitude = high_word(x) & 0x7fff_ffff;
    if magnitude >= 0x7ff0_0000 {
        return x * x;
    }
    if magnitude < 0x3fd6_2e43 {
        let t = libm::expm1(x.abs());
        let w = 1.0 + t;
        return if magnitude < 0x3c80_0000 { w } else { 1.0 + (t * t) / (w + w) };
    }
    if magnitude < 0x4036_0000 {
        let t = libm::exp(x.abs());
        return 0.5 * t + 0.5 / t;
    }
    let (factor, other) = large(x.abs(), magnitude);
    0.5 * factor * other
}

/// Factors of the exponential of a large number, of which half does not overflow.
fn large(x: f64, magnitude: i32) -> (f64, f64) {
    if magnitude < 0x4086_2e42 {
        return (libm::exp(x), 1.0);
    }
    if x <= 710.475_860_073_944 {
        let root = libm::exp(0.5 * x);
        return (root, root);
    }
    (f64::INFINITY, 1.0)
}

/// Hyperbolic tangent.
pub(crate) fn tanh(x: f64) -> f64 {
    let magnitude = high_word(x) & 0x7fff_ffff;
    if magnitude >= 0x7ff0_0000 {
        return if x.is_nan() { x } else { 1.0_f64.copysign(x) };
    }
    let z = if magnitude < 0x4036_0000 {
        if magnitude < 0x3c80_0000 {
            return x * (1.0 + x);
        }
        if magnitude >= 0x3ff0_0000 {
            let t = libm::expm1(2.0 * x.abs());
            1.0 - 2.0 / (t + 2.0)
        } else {
            let t = libm::expm1(-2.0 * x.abs());
            -t / (t + 2.0)
        }
    } else {
        1.0
    };
    if x.is_sign_negative() { -z } else { z }
}

/// Cube root.
pub(crate) fn cbrt(x: f64) -> f64 {
    if !x.is_finite() || x == 0.0 {
        return x;
    }
    let value = x.abs();
    let high = high_word(value);
    // A third of the exponent gives five good bits.
    let mut t = if high < 0x0010_0000 {
        let scaled = f64::from_bits(0x4350_0000_0000_0000) * value;
        with_high_word(scaled, high_word(scaled) / 3 + 696_219_795)
    } else {
        with_high_word(0.0, high / 3 + 715_094_163)
    };
    // Then a rational function, cut to 20 bits, and one step of Newton's.
    let r = t * t / value;
    let s = 5.428_571_428_571_428e-1 + r * t;
    t *= 3.571_428_571_428_571_5e-1
        + 1.607_142_857_142_857_2 / (s + 1.414_285_714_285_714_4 + -7.053_061_224_489_796e-1 / s);
    t = with_high_word(0.0, high_word(t) + 1);
    let s = t * t;
    let r = value / s;
    let w = t + t;
    let r = (r - t) / (w + r);
    (t + t * r).copysign(x)
}
