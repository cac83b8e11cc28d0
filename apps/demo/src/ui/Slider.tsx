import type { Signal } from '@preact/signals';
import { useId } from 'preact/hooks';

interface SliderProps {
  label: string;
  value: Signal<number>;
  min: number;
  max: number;
  step: number;
  /** How the value reads. */
  shows?: (value: number) => string;
}

/** A labelled range input that writes a signal. */
export function Slider({ label, value, min, max, step, shows = String }: SliderProps) {
  const id = useId();
  return (
    <div class="slider">
      <label for={id}>{label}</label>
      <output for={id}>{shows(value.value)}</output>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value.value}
        style={{ '--share': `${(100 * (value.value - min)) / (max - min || 1)}%` }}
        aria-valuetext={shows(value.value)}
        onInput={(event) => (value.value = Number(event.currentTarget.value))}
      />
    </div>
  );
}
