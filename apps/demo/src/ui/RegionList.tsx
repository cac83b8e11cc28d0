import { chooseRegion, hovered, region } from '../state/walk';

interface Row {
  region: number;
  color: string;
  name: string;
  value: string;
  /** x1 y1 x2 y2, in pixels of the picture: said to those who hover, and to tests. */
  box?: readonly number[];
}

/** Regions as buttons: what the pointer does on the picture, for the keyboard and for those who don't see it. */
export function RegionList({ rows, empty }: { rows: readonly Row[]; empty: string }) {
  if (rows.length === 0) return <p class="quiet">{empty}</p>;
  return (
    <ul class="regions">
      {rows.map(({ region: index, color, name, value, box }, i) => (
        <li key={`${index} ${i}`}>
          <button
            aria-pressed={region.value === index}
            title={box?.map((side) => side.toFixed(1)).join(', ')}
            onMouseEnter={() => (hovered.value = index)}
            onMouseLeave={() => (hovered.value = undefined)}
            onClick={() =>
              chooseRegion(region.peek() === index && hovered.peek() === undefined ? undefined : index)
            }
          >
            <i style={{ background: color }} />
            <span>{name}</span>
            <b>{value}</b>
          </button>
        </li>
      ))}
    </ul>
  );
}
