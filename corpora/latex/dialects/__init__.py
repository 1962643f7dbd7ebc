"""Other dialects of TeX: plain TeX, AMS-TeX, harvmac, phyzzx, and the slides of beamer."""
