import { engine, registerGradient, zerosLike, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Registers `${kernelName}Grad` as the gradient of a kernel over regions. Boxes are constants to it, as in torchvision:
 * their gradient is zero.
 */
export function registerRegionGradient(kernelName: string): void {
  registerGradient({
    kernelName,
    inputsToSave: ['features', 'boxes', 'boxIndices'],
    gradFunc: (dy, saved, attrs) => {
      const [features, boxes, boxIndices] = saved as [Tensor, Tensor, Tensor];
      const inputs = { dy: dy as Tensor, features, boxes, boxIndices };
      return {
        features: () => engine().runKernel(`${kernelName}Grad`, inputs, attrs),
        boxes: () => zerosLike(boxes),
      };
    },
  });
}
