import { ImageFileError, readImage } from '@roikit/image/node';
import fastify from 'fastify';

const PICTURES = ['image/jpeg', 'image/png', 'image/webp'];
const query = {
  type: 'object',
  properties: {
    score: { type: 'number', minimum: 0, maximum: 1, default: 0.5 },
    max: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
  },
  additionalProperties: false,
};

/**
 * POST a picture to /detect, get its objects as JSON.
 *
 * @param detector what `detectorPool` or `loadDetector` return
 * @param limits `maxBytes` of an upload, `maxPixels` once decoded (a small file can hold a huge picture), `maxWaiting`
 * pictures in the house before others are sent away
 */
export function buildApp(
  detector,
  { maxBytes = 8 * 2 ** 20, maxPixels = 20e6, maxWaiting = 32, ...options } = {},
) {
  const app = fastify({ bodyLimit: maxBytes, ...options });
  let inHouse = 0;

  app.removeAllContentTypeParsers();
  app.addContentTypeParser(PICTURES, { parseAs: 'buffer' }, (request, body, done) => done(null, body));
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof ImageFileError)
      return reply.code(400).send({ error: `${error.what}. ${error.cure}` });
    if (!(error.statusCode < 500)) request.log.error(error);
    const code = error.statusCode ?? 500;
    return reply.code(code).send({ error: code < 500 ? error.message : 'Internal error' });
  });

  app.get('/health', () => ({ classes: detector.config.classes, inHouse }));
  app.post('/detect', { schema: { querystring: query } }, async (request, reply) => {
    if (inHouse >= maxWaiting) {
      return reply.code(503).header('retry-after', 1).send({ error: 'Too many pictures are waiting' });
    }
    inHouse++;
    try {
      const image = await readImage(request.body, { maxPixels });
      const { score, max } = request.query;
      const found = await detector.detect(image, { scoreThreshold: score, maxDetections: max });
      return toJson(found, image, detector.config.classes);
    } finally {
      inHouse--;
    }
  });
  return app;
}

/** Labels are 1…K; boxes x1 y1 x2 y2 in pixels of the picture. */
function toJson({ boxes, scores, labels }, { width, height }, classes) {
  const objects = Array.from(labels, (label, i) => ({
    class: classes[label - 1],
    score: scores[i],
    box: [...boxes.subarray(4 * i, 4 * i + 4)],
  }));
  return { width, height, objects };
}
