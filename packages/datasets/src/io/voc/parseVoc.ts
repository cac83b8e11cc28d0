import type { ImageSize } from '@roikit/geometry';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { SampleError } from '../../types';
import type { AnnotatedObject } from '../annotations';

export interface VocAnnotation {
  filename?: string;
  /** Absent where the file has none, or 0 × 0 as some tools write. */
  size?: ImageSize;
  objects: AnnotatedObject[];
}

/** A node with text is a string, one with children a record; which of them the file's author decides. */
type XmlNode = string | { [name: string]: XmlNode } | XmlNode[] | undefined;

// Text stays text: a class may be called '1' or '1e5'.
const parser = new XMLParser({
  parseTagValue: false,
  ignoreAttributes: true,
  htmlEntities: true,
  isArray: (_name, path) => path === 'annotation.object',
});

/** Parses one VOC annotation; `file` is named in the SampleError that anything unreadable throws. */
export function parseVoc(xml: string, file: string): VocAnnotation {
  const valid = XMLValidator.validate(xml);
  if (valid !== true) {
    throw malformed(file, `is not XML (line ${valid.err.line}: ${valid.err.msg})`);
  }
  const annotation = child(parser.parse(xml) as XmlNode, 'annotation');
  if (annotation === undefined) throw malformed(file, 'has no <annotation>');
  const objects = child(annotation, 'object');
  return {
    filename: text(child(annotation, 'filename')),
    size: parseSize(child(annotation, 'size')),
    objects: Array.isArray(objects) ? objects.map((object) => parseObject(object, file)) : [],
  };
}

function parseSize(node: XmlNode): ImageSize | undefined {
  const width = Number(text(child(node, 'width')));
  const height = Number(text(child(node, 'height')));
  return width > 0 && height > 0 ? { width, height } : undefined;
}

function parseObject(node: XmlNode, file: string): AnnotatedObject {
  const name = text(child(node, 'name'));
  if (!name) throw malformed(file, 'has an <object> without a <name>');
  const corners = child(node, 'bndbox');
  const [xmin, ymin, xmax, ymax] = ['xmin', 'ymin', 'xmax', 'ymax'].map((corner) => {
    const written = text(child(corners, corner));
    const value = written ? Number(written) : NaN;
    if (!Number.isFinite(value))
      throw malformed(file, `has <${corner}> '${written ?? ''}' in an object '${name}'`);
    return value;
  }) as [number, number, number, number];
  return {
    name,
    box: toContinuous(xmin, ymin, xmax, ymax),
    written: `[${xmin}, ${ymin}, ${xmax}, ${ymax}]`,
    difficult: Number(text(child(node, 'difficult')) ?? 0) > 0,
  };
}

/**
 * VOC's corners count pixels from 1 and belong to the box. Where both corners are one pixel, the annotator clicked and
 * didn't drag: the box is left empty, so that it is found out.
 */
function toContinuous(xmin: number, ymin: number, xmax: number, ymax: number): AnnotatedObject['box'] {
  if (xmax <= xmin || ymax <= ymin) return [xmin - 1, ymin - 1, xmin - 1, ymin - 1];
  return [xmin - 1, ymin - 1, xmax, ymax];
}

/** Child `name` by its own key: a tag may be called 'constructor'. */
function child(node: XmlNode, name: string): XmlNode {
  if (typeof node !== 'object' || Array.isArray(node) || !Object.hasOwn(node, name)) return undefined;
  return node[name];
}

function text(node: XmlNode): string | undefined {
  return typeof node === 'string' ? node.trim() : undefined;
}

function malformed(file: string, fault: string): SampleError {
  return new SampleError(file, {
    what: `the annotation ${fault}, sample skipped`,
    cure: 'repair the file, or delete it with its picture',
  });
}
