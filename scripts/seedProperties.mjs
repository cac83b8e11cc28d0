import fc from 'fast-check';

// Properties are tried on the same examples in every run, so that a change is judged by itself; FAST_CHECK_SEED=2 npm
// test looks elsewhere.
fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? 1) });
