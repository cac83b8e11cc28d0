export { installNative, planNativeInstall } from './native/installNative';
export type {
  NativeInstallation,
  NativeInstallEvent,
  NativeInstallOptions,
  NativeInstallPlan,
} from './native/types';
