"""Letters by every way out, through the real channels, against simulators of the other side."""
