/** Every text of the page. */
export const en = {
  tagline: 'See the R-CNN family think.',
  'tab.detect': 'Detect',
  'tab.train': 'Train',
  engine: 'Engine',
  language: 'Language',
  theme: 'Light or dark',
  skip: 'Skip to the picture',
  private: 'Everything runs in this page. Nothing is uploaded.',
  source: 'Source',

  'input.scenes': 'Scenes',
  'input.scene': 'Scene {index}',
  'input.more': 'More',
  'input.open': 'Open',
  'input.openLabel': 'Open a picture, or a detector as zip',
  'input.folder': 'Detector folder',
  'input.webcam': 'Webcam',
  'input.stop': 'Stop',
  'input.look': 'Look at this frame',
  'input.drop': 'Drop a picture, or a detector’s folder or zip',
  'input.hint': 'or drop, or paste',
  'input.live': '{rate} pictures a second',
  'input.bundled': 'Bundled detector',

  'activity.start': 'Starting',
  'activity.engine': 'Starting the engine',
  'activity.model': 'Loading the detector',
  'activity.detect': 'Detecting',
  'activity.transform': 'Resized',
  'activity.maps': 'Features computed',
  'activity.proposals': 'Regions proposed',
  'activity.predictions': 'Regions scored',
  'activity.detections': 'Done',
  cancel: 'Cancel',
  dismiss: 'Dismiss',

  'canvas.label': 'The picture and what this stage sees in it. Arrow keys go from region to region.',
  'walk.label': 'Stages',
  'walk.previous': 'Previous stage',
  'walk.next': 'Next stage',
  'walk.total': '{ms} ms in all',
  score: 'Lowest score',

  'result.title': 'Result',
  'result.text':
    'What the detector found, and how sure it is. The stages beside this one show how it got here: where it looked, what it saw there, and what it threw away. Point at a box and follow it through all of them.',
  'result.none': 'Nothing above this score.',

  'segments.title': 'Segments',
  'segments.text':
    'Selective search begins with a segmentation. Pixels are nodes, neighbours are joined by edges as heavy as their colours differ. Lightest edge first, two segments become one where the edge weighs no more than what both vary inside themselves, plus k over their size. A large k makes large segments; those below k pixels join a neighbour. σ smooths the picture beforehand.',
  'segments.scale': 'k, the scale',
  'segments.sigma': 'σ, the smoothing',
  'segments.count': 'Segments',

  'grouping.title': 'Grouping',
  'grouping.text':
    'The two most similar neighbours merge, again and again, until one region is left. Every region that ever was is a proposal: small ones first, large ones later, objects at every size. Alike are those of the same colour and texture; size lets small regions go first, fill prefers those that fit into each other.',
  'grouping.merges': 'Merges done',
  'grouping.left': 'Regions left',
  'grouping.boxes': 'Boxes so far',
  'grouping.newest': 'newest',

  'proposals.title': 'Proposals',
  'proposals.text':
    'The boxes around the regions, of several groupings in different colour spaces and scales, each box once. Only here will the detector look, so an object that no box covers is lost. Recall is the share of true objects that some proposal overlaps enough.',
  'proposals.count': 'Proposals shown',
  'proposals.recall': 'Recall at IoU {iou}',

  'features.title': 'Features',
  'features.text':
    'The backbone runs once over the whole picture, and all regions share what it computes: that is the step from R-CNN, which ran it once for every region, to SPP-net and Fast R-CNN. Each channel answers to some pattern. A cell i is centred on pixel s·i + c of the network’s input.',
  'features.size': '{width} × {height} cells, {channels} channels, one cell every {stride} pixels',
  'features.level': 'Level',
  'features.channel': 'Channel',
  'features.strongest': 'Strongest channels',

  'pooling.title': 'Pooling',
  'pooling.text':
    'Regions have all sizes, the head takes one. The region is laid on the map, its corners rounded to whole cells, and cut into a fixed grid of bins that may share cells. Of each bin only the largest value is kept, channel by channel. A spatial pyramid (SPP-net) does it with several grids at once.',
  'pooling.hint': 'One channel of the region in hand. Point at a value to see its bin.',
  'pooling.grid': 'Pooled values of one channel',
  'pooling.size': '{values} numbers describe this region, whatever its size.',

  'scores.title': 'Scores and boxes',
  'scores.text':
    'From the pooled numbers the head answers two questions for each region: which class is it, of K or the background, and how must the box move to fit. Moves are offsets from the proposal, for each class its own: shifts in widths and heights, and logarithms of how much larger. In training, the box counts only where there is an object, u ≥ 1. R-CNN and SPP-net score with one linear SVM a class instead of the softmax.',
  'scores.region': 'Region {index}',
  'scores.background': 'background',
  'scores.moved': 'IoU before, after',
  'scores.others': 'Detections',

  'nms.title': 'Suppression',
  'nms.text':
    'Many regions find the same object. Within a class the best box stays, and every box that overlaps it by more than τ goes; then the best of what is left, and so on. A box of another class is never touched. Point at a box to see what it suppressed.',
  'nms.threshold': 'τ, the most overlap',
  'nms.candidates': 'Boxes before',
  'nms.kept': 'Boxes after',
  'nms.overlap': 'IoU with its winner',
  'nms.suppressed': '−{count}',

  'accuracy.title': 'Accuracy',
  'accuracy.text':
    'Best score first, a detection is right where it is the first on a true object of its class, with an IoU of ½ or more; all others are wrong. Each lower threshold gives a point of the curve. Average precision is the area under its envelope, as PASCAL VOC counts since 2010: the best precision at this recall or a higher one. Here for this picture alone, all classes together.',
  'accuracy.precision': 'Precision',
  'accuracy.recall': 'Recall',
  'accuracy.right': 'right',
  'accuracy.wrong': 'wrong',
  'accuracy.missed': 'missed',
  'accuracy.plot': 'Precision over recall',
};
