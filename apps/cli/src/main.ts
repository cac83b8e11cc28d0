#!/usr/bin/env node
import { run } from './program';

// TensorFlow's own remarks on the processor are of no use here; errors still come through.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';

process.exitCode = await run(process.argv.slice(2));
