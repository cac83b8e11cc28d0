import '@fontsource-variable/inter/wght.css';
import './styles/theme.css';
import './styles/page.css';
import './styles/controls.css';
import './styles/inputs.css';
import './styles/stages.css';
import './styles/train.css';
import { render } from 'preact';
import { begin } from './state/actions';
import { App } from './ui/App';

render(<App />, document.getElementById('app')!);
await begin();
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  await navigator.serviceWorker.register('./sw.js').catch(() => undefined); // only https and localhost have one
  const { active } = (await navigator.serviceWorker.ready) ?? {};
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's has none
  active?.postMessage('keep');
}
