import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { detectorPool } from '@roikit/detectors/node';
import { buildApp } from './app.js';

const bundled = import.meta.resolve('@roikit/pretrained/models/digits/detector.json');
const folder = process.argv[2] ?? dirname(fileURLToPath(bundled));
// Detection runs in threads of its own, so that this one answers at any time.
const detector = await detectorPool({ folder, workers: Math.max(1, availableParallelism() - 1) });
const app = buildApp(detector, { logger: true });
app.addHook('onClose', () => detector.dispose());
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close());
await app.listen({ port: Number(process.env.PORT ?? 3000), host: process.env.HOST ?? '127.0.0.1' });
