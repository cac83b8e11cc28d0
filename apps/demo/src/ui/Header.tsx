import { language, setLanguage, t } from '../i18n';
import { chooseEngine } from '../state/actions';
import { engine, offers, tab, type Tab } from '../state/session';
import { theme, toggleTheme } from '../state/theme';
import type { EngineChoice } from '../worker/engine';

export function Header() {
  return (
    <header>
      <a class="skip" href="#picture">
        {t('skip')}
      </a>
      <h1>
        roi<em>kit</em>
      </h1>
      <p class="tagline">{t('tagline')}</p>
      <nav>
        <TabButton id="detect" />
        <TabButton id="train" />
      </nav>
      <div class="settings">
        <EnginePicker />
        <button class="plain" lang={language.value === 'ko' ? 'en' : 'ko'} onClick={switchLanguage}>
          {language.value === 'ko' ? 'English' : '한국어'}
        </button>
        <button class="plain icon" aria-label={t('theme')} onClick={toggleTheme}>
          {theme.value === 'dark' ? '☀' : '☾'}
        </button>
      </div>
    </header>
  );
}

const switchLanguage = () => setLanguage(language.value === 'ko' ? 'en' : 'ko');

function TabButton({ id }: { id: Tab }) {
  return (
    <button aria-current={tab.value === id ? 'page' : undefined} onClick={() => (tab.value = id)}>
      {t(`tab.${id}`)}
    </button>
  );
}

/** What the machine offers; the detail is what is under the engine, such as the GPU's name. */
function EnginePicker() {
  return (
    <label class="engine" title={engine.value?.detail}>
      <span>{t('engine')}</span>
      <select
        value={engine.value?.name}
        disabled={engine.value === undefined}
        onChange={(event) => chooseEngine(event.currentTarget.value as EngineChoice)}
      >
        {offers.value.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
