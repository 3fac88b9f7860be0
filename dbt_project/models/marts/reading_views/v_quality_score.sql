select
    hospital.hospital_code,
    hospital.hospital_name_zh,
    hospital.hospital_name_en,
    hospital.level_code,
    hospital.region_zh,
    score.reporting_year,
    score.score,
    score.item_score_pct,
    score.completeness_pct,
    score.validity_pct,
    score.coverage_pct,
    score.timeliness_pct,
    score.forms_owed,
    score.forms_received,
    score.forms_accepted,
    score.forms_on_time,
    score.findings_open,
    score.findings_verified,
    score.findings_waived,
    score.findings_resolved
from {{ ref('rpt_quality_score') }} as score
inner join {{ ref('dim_hospital') }} as hospital on score.hospital_key = hospital.hospital_key
