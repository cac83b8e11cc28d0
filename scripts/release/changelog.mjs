// The one CHANGELOG of all packages, whose versions go together: changesets' entries, by kind, under the new version.

const KINDS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];

/** `## 0.2.0 - 2026-11-26` and its entries, out of a release plan of changesets (`changeset status --output`). */
export function section(plan, date) {
  const entries = plan.changesets.flatMap(({ id, summary }) => entriesOf(id, summary));
  const parts = KINDS.filter((kind) => entries.some((entry) => entry.kind === kind)).map((kind) => {
    const lines = entries.filter((entry) => entry.kind === kind).map(({ text }) => `- ${text}`);
    return `### ${kind}\n\n${lines.join('\n')}\n`;
  });
  return `## ${versionOf(plan)} - ${date}\n\n${parts.join('\n')}`;
}

/** Above the newest version that the changelog has. */
export function insert(changelog, section) {
  const at = changelog.search(/^## /m);
  return at < 0
    ? `${changelog.trimEnd()}\n\n${section}`
    : `${changelog.slice(0, at)}${section}\n${changelog.slice(at)}`;
}

function entriesOf(id, summary) {
  const start = new RegExp(`^(${KINDS.join('|')}): `);
  return summary.split(/\n(?=[A-Z][a-z]+: )/).map((entry) => {
    const kind = start.exec(entry)?.[1];
    if (kind === undefined)
      throw new Error(
        `changelog: .changeset/${id}.md: each entry begins with ${KINDS.join(', ')} and a colon, got '${entry}'`,
      );
    return {
      kind,
      text: entry
        .slice(kind.length + 2)
        .trim()
        .replaceAll('\n', '\n  '),
    };
  });
}

function versionOf({ releases }) {
  // Those of type none are private, and stay as they are.
  const versions = new Set(
    releases.filter(({ type }) => type !== 'none').map(({ newVersion }) => newVersion),
  );
  if (versions.size !== 1)
    throw new Error(`changelog: all packages get one version, got ${[...versions].join(', ') || 'none'}`);
  return [...versions][0];
}
