import type { en } from './en';

export const ko: Record<keyof typeof en, string> = {
  tagline: 'R-CNN 계열이 생각하는 과정을 보세요.',
  'tab.detect': '검출',
  'tab.train': '학습',
  engine: '엔진',
  language: '언어',
  theme: '밝게 또는 어둡게',
  skip: '사진으로 건너뛰기',
  private: '모든 계산은 이 페이지 안에서 이루어지며, 아무것도 업로드되지 않습니다.',
  source: '소스',

  'input.scenes': '장면',
  'input.scene': '장면 {index}',
  'input.more': '더 보기',
  'input.open': '열기',
  'input.openLabel': '사진 또는 검출기(zip) 열기',
  'input.folder': '검출기 폴더',
  'input.webcam': '웹캠',
  'input.stop': '정지',
  'input.look': '이 장면 살펴보기',
  'input.drop': '사진, 또는 검출기 폴더나 zip을 놓으세요',
  'input.hint': '끌어 놓거나 붙여넣기',
  'input.live': '초당 {rate}장',
  'input.bundled': '기본 검출기',

  'activity.start': '시작하는 중',
  'activity.engine': '엔진을 시작하는 중',
  'activity.model': '검출기를 불러오는 중',
  'activity.detect': '검출하는 중',
  'activity.transform': '크기 조정됨',
  'activity.maps': '특징 계산됨',
  'activity.proposals': '영역 제안됨',
  'activity.predictions': '영역 채점됨',
  'activity.detections': '완료',
  cancel: '취소',
  dismiss: '닫기',

  'canvas.label': '사진과 이 단계가 보는 것. 화살표 키로 영역 사이를 이동합니다.',
  'walk.label': '단계',
  'walk.previous': '이전 단계',
  'walk.next': '다음 단계',
  'walk.total': '모두 {ms} ms',
  score: '최소 점수',

  'result.title': '결과',
  'result.text':
    '검출기가 찾은 것과 그 확신의 정도입니다. 옆의 단계들은 여기까지 온 과정을 보여 줍니다. 어디를 보았고, 무엇을 보았으며, 무엇을 버렸는지. 상자를 가리키고 모든 단계에서 따라가 보세요.',
  'result.none': '이 점수를 넘는 것이 없습니다.',

  'segments.title': '분할',
  'segments.text':
    'Selective search는 분할에서 시작합니다. 픽셀은 노드, 이웃은 색 차이만큼 무거운 간선으로 이어집니다. 가벼운 간선부터, 간선의 무게가 두 조각 각각의 내부 변화에 k/크기를 더한 값 이하이면 하나로 합칩니다. k가 크면 조각이 커지고, k 픽셀보다 작은 조각은 이웃에 합쳐집니다. σ는 미리 사진을 부드럽게 합니다.',
  'segments.scale': 'k, 스케일',
  'segments.sigma': 'σ, 평활화',
  'segments.count': '조각 수',

  'grouping.title': '계층적 병합',
  'grouping.text':
    '가장 비슷한 두 이웃이 합쳐지고, 하나가 남을 때까지 되풀이됩니다. 한 번이라도 존재한 모든 영역이 제안이 됩니다. 그래서 모든 크기의 물체를 담습니다. 색과 질감이 같을수록 비슷하고, size는 작은 영역을 먼저, fill은 서로 잘 들어맞는 영역을 먼저 합칩니다.',
  'grouping.merges': '병합 횟수',
  'grouping.left': '남은 영역',
  'grouping.boxes': '지금까지의 상자',
  'grouping.newest': '방금',

  'proposals.title': '영역 제안',
  'proposals.text':
    '여러 색 공간과 스케일에서 얻은 영역들을 감싸는 상자이며, 같은 상자는 하나만 남깁니다. 검출기는 이 안만 보므로 어떤 상자도 덮지 못한 물체는 놓칩니다. 재현율은 어떤 제안이든 충분히 겹치는 실제 물체의 비율입니다.',
  'proposals.count': '보이는 제안',
  'proposals.recall': 'IoU {iou}에서의 재현율',

  'features.title': '특징 맵',
  'features.text':
    '백본은 사진 전체에 한 번만 실행되고 모든 영역이 그 결과를 나눠 씁니다. 영역마다 한 번씩 실행하던 R-CNN에서 SPP-net과 Fast R-CNN으로 넘어온 걸음입니다. 채널마다 어떤 무늬에 반응합니다. 셀 i의 중심은 네트워크 입력의 픽셀 s·i + c입니다.',
  'features.size': '{width} × {height} 셀, {channels} 채널, {stride} 픽셀마다 한 셀',
  'features.level': '레벨',
  'features.channel': '채널',
  'features.strongest': '가장 강한 채널',

  'pooling.title': '풀링',
  'pooling.text':
    '영역의 크기는 제각각이지만 헤드는 한 크기만 받습니다. 영역을 맵에 올려 모서리를 셀 단위로 반올림하고, 셀을 나눠 가질 수도 있는 고정된 격자 칸으로 나눕니다. 칸마다 채널별로 가장 큰 값만 남습니다. 공간 피라미드(SPP-net)는 여러 격자로 한꺼번에 합니다.',
  'pooling.hint': '고른 영역의 한 채널입니다. 값을 가리키면 그 칸이 보입니다.',
  'pooling.grid': '한 채널의 풀링 값',
  'pooling.size': '영역의 크기와 상관없이 {values}개의 수로 나타냅니다.',

  'scores.title': '점수와 상자',
  'scores.text':
    '헤드는 풀링된 수에서 영역마다 두 가지를 답합니다. K개 클래스 또는 배경 중 무엇인지, 그리고 상자를 어떻게 옮겨야 맞는지. 이동은 제안에 대한 오프셋이며 클래스마다 따로 있습니다. 너비와 높이를 단위로 한 이동, 그리고 크기 비의 로그입니다. 학습할 때 상자 손실은 물체가 있는 곳(u ≥ 1)에서만 셉니다. R-CNN과 SPP-net은 softmax 대신 클래스마다 선형 SVM 하나로 채점합니다.',
  'scores.region': '영역 {index}',
  'scores.background': '배경',
  'scores.moved': '이동 전후 IoU',
  'scores.others': '검출된 것',

  'nms.title': '억제(NMS)',
  'nms.text':
    '여러 영역이 같은 물체를 찾습니다. 한 클래스 안에서 점수가 가장 높은 상자가 남고, 그것과 τ보다 많이 겹치는 상자는 사라집니다. 남은 것 중 가장 높은 것으로 되풀이합니다. 다른 클래스의 상자는 건드리지 않습니다. 상자를 가리키면 그것이 억제한 상자가 보입니다.',
  'nms.threshold': 'τ, 허용 겹침',
  'nms.candidates': '억제 전 상자',
  'nms.kept': '억제 후 상자',
  'nms.overlap': '억제한 상자와의 IoU',
  'nms.suppressed': '−{count}',

  'accuracy.title': '정확도',
  'accuracy.text':
    '점수가 높은 것부터, 같은 클래스의 실제 물체와 IoU ½ 이상으로 처음 만난 검출이 맞은 것이고 나머지는 틀린 것입니다. 문턱을 낮출 때마다 곡선의 한 점이 생깁니다. 평균 정밀도(AP)는 PASCAL VOC가 2010년부터 쓰는 대로 포락선 아래의 넓이, 즉 그 재현율 이상에서 가장 높은 정밀도의 넓이입니다. 여기서는 이 사진 하나에 대해 모든 클래스를 합쳐 계산합니다.',
  'accuracy.precision': '정밀도',
  'accuracy.recall': '재현율',
  'accuracy.right': '맞음',
  'accuracy.wrong': '틀림',
  'accuracy.missed': '놓침',
  'accuracy.plot': '재현율에 따른 정밀도',
};
