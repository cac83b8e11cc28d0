import { t } from '../i18n';
import { Painted } from '../ui/Painted';
import { addPictures, album, chosen, open, removePicture, type Page } from './album';

/** The pictures one has, and how to get more. */
export function AlbumBar() {
  return (
    <div class="inputs">
      <div class="scenes" role="group" aria-label={t('train.pictures')}>
        {album.value.map((page, i) => (
          <Thumbnail key={i} page={page} index={i} />
        ))}
      </div>
      <div class="sources">
        <label class="button">
          {t('train.add')}
          <input
            type="file"
            accept="image/*"
            multiple
            class="hidden"
            data-input="album"
            onChange={(event) => {
              const files = [...(event.currentTarget.files ?? [])];
              event.currentTarget.value = '';
              void addPictures(files);
            }}
          />
        </label>
        {album.value.length > 0 && <button onClick={removePicture}>{t('train.removePicture')}</button>}
        <span class="quiet hint">{t('input.hint')}</span>
      </div>
    </div>
  );
}

function Thumbnail({ page, index }: { page: Page; index: number }) {
  const { image } = page.shown;
  const scale = Math.max(112 / image.width, 112 / image.height);
  return (
    <button
      aria-pressed={open.value === index}
      aria-label={`${page.shown.name}, ${t('train.marks', { count: page.marks.length })}`}
      onClick={() => {
        open.value = index;
        chosen.value = undefined;
      }}
    >
      <Painted picture={image} scale={scale} />
    </button>
  );
}
