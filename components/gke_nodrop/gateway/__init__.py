"""The Gateway and its HTTPRoutes."""
