using System.Text;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>The way from a text to ids: added tokens, normalizer, added tokens again, pre-tokenizer, model.</summary>
internal sealed class TokenizerPipeline
{
    private readonly ITokenModel model;
    private readonly Normalizer? normalizer;
    private readonly PreTokenizer? preTokenizer;
    private readonly ByteLevelPreTokenizer? lastByteLevel;
    private readonly AddedTokenMatcher raw;
    private readonly AddedTokenMatcher normalized;
    private readonly bool[] forbidden;

    /// <summary>Takes the parts; <paramref name="forbidden"/> says for each id whether content must not yield it.</summary>
    public TokenizerPipeline(TokenizerFile file, IReadOnlyList<AddedToken> added, bool[] forbidden)
    {
        (model, normalizer, this.forbidden) = (file.Model, file.Normalizer, forbidden);

        // A byte-level step at the end is left to the model, which then rewrites only words that it has not met before.
        PreTokenizer[] steps = Flatten(file.PreTokenizer);
        lastByteLevel = steps is [.., ByteLevelPreTokenizer last] ? last : null;
        if (lastByteLevel is not null) steps = steps[..^1];
        preTokenizer = steps.Length == 0 ? null : new PreTokenizerSequence(steps);
        raw = new AddedTokenMatcher(added.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        normalized = new AddedTokenMatcher(
            added.Where(token => token.Normalized).Select(token => (normalizer?.Apply(token.Content) ?? token.Content, token)));
    }

    /// <summary>The ids of a text; <paramref name="marks"/>, if not null, says what of it came from outside.</summary>
    public List<int> Encode(string text, MarkedText? marks)
    {
        List<int> ids = new((text.Length / 3) + 4);
        text = WithoutLoneSurrogates(text);
        if (marks is { Content.Count: 0 }) marks = null;
        List<Segment> segments = [];
        raw.Cut(text, 0, text.Length, marks, segments);
        foreach (Segment segment in segments)
        {
            if (segment.Id >= 0) ids.Add(segment.Id);
            else EncodeSegment(text, segment, marks is not null && marks.Overlaps(segment.Start, segment.End) ? marks : null, ids);
        }

        return ids;
    }

    private static PreTokenizer[] Flatten(PreTokenizer? preTokenizer) => preTokenizer switch
    {
        null => [],
        PreTokenizerSequence sequence => [.. sequence.Steps.SelectMany(Flatten)],
        _ => [preTokenizer],
    };

    private static string WithoutLoneSurrogates(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0) return text;
        StringBuilder mended = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes()) mended.Append(rune.ToString());
        return mended.ToString();
    }

    private void EncodeSegment(string text, Segment segment, MarkedText? marks, List<int> ids)
    {
        bool[]? forbiddenHere = marks is null ? null : forbidden;
        int start = segment.Start, end = segment.End;
        if (normalizer is not null)
        {
            // If no token is matched after the normalizer, the marks are needed no longer.
            marks = marks is null || normalized.IsEmpty ? null : normalizer.Apply(marks.Slice(start, end));
            text = marks?.Text ?? normalizer.Apply(text[start..end]);
            (start, end) = (0, text.Length);
        }

        List<Segment> parts = [];
        normalized.Cut(text, start, end, marks, parts);
        foreach (Segment part in parts)
        {
            if (part.Id >= 0) ids.Add(part.Id);
            else EncodeWords(text, new TextRange(part.Start, part.End - part.Start), segment.Start == 0 && part.Start == start, forbiddenHere, ids);
        }
    }

    private void EncodeWords(string text, TextRange piece, bool startsInput, bool[]? forbiddenHere, List<int> ids)
    {
        PieceList list = new(text, [piece], startsInput);
        preTokenizer?.Apply(list);
        lastByteLevel?.Split(list);
        foreach (TextRange word in list.Pieces) model.Encode(list.Of(word), lastByteLevel is not null, forbiddenHere, ids);
    }
}
