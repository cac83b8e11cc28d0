import { XMLValidator, type XMLParser } from 'fast-xml-parser';

/** What `parser` makes of XML, or in a few words what is wrong: malformed, nested too deep, tags that it refuses. */
export function parseXml(parser: XMLParser, xml: string): { content: unknown } | { fault: string } {
  const valid = XMLValidator.validate(xml);
  if (valid !== true) return { fault: `is not XML (line ${valid.err.line}: ${valid.err.msg})` };
  try {
    return { content: parser.parse(xml) };
  } catch (error) {
    return { fault: `can't be read (${error instanceof Error ? error.message : String(error)})` };
  }
}
