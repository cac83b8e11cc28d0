import { Fragment } from 'preact';

/** One line of mathematics: `x_{i}` is set low, `x^{2}` high. */
function Line({ text }: { text: string }) {
  const parts = text.split(/([_^]\{[^}]*\})/);
  return (
    <span class="line">
      {parts.map((part, i) => {
        const inner = part.slice(2, -1);
        if (part.startsWith('_{')) return <sub key={i}>{inner}</sub>;
        if (part.startsWith('^{')) return <sup key={i}>{inner}</sup>;
        return <Fragment key={i}>{part}</Fragment>;
      })}
    </span>
  );
}

export function Formula({ lines }: { lines: readonly string[] }) {
  return (
    <div class="formula">
      {lines.map((text) => (
        <Line key={text} text={text} />
      ))}
    </div>
  );
}
