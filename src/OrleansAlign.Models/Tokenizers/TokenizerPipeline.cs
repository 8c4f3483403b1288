using System.Text;
using OrleansAlign.Models.Text;

namespace OrleansAlign.Models.Tokenizers;

/// <summary>The way from a text to ids: added tokens, normalizer, added tokens again, pre-tokenizer, model.</summary>
internal sealed class TokenizerPipeline
{
    private readonly BpeModel model;
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
            else if (marks is not null && marks.Overlaps(segment.Start, segment.End)) EncodeMarked(text, segment, marks, ids);
            else EncodePlain(text, segment, ids);
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

    private void EncodePlain(string text, Segment segment, List<int> ids)
    {
        if (normalizer is null)
        {
            EncodeNormalized(text, segment.Start, segment.End, segment.Start == 0, null, null, ids);
            return;
        }

        string rewritten = normalizer.Apply(Piece(text, segment));
        EncodeNormalized(rewritten, 0, rewritten.Length, segment.Start == 0, null, null, ids);
    }

    private void EncodeMarked(string text, Segment segment, MarkedText marks, List<int> ids)
    {
        if (normalizer is null)
        {
            EncodeNormalized(text, segment.Start, segment.End, segment.Start == 0, marks, forbidden, ids);
            return;
        }

        if (normalized.IsEmpty)
        {
            // No token is matched after the normalizer, so the marks are needed no longer.
            string rewritten = normalizer.Apply(Piece(text, segment));
            EncodeNormalized(rewritten, 0, rewritten.Length, segment.Start == 0, null, forbidden, ids);
            return;
        }

        MarkedText marked = normalizer.Apply(marks.Slice(segment.Start, segment.End));
        EncodeNormalized(marked.Text, 0, marked.Text.Length, segment.Start == 0, marked, forbidden, ids);
    }

    private static string Piece(string text, Segment segment) =>
        segment.Start == 0 && segment.End == text.Length ? text : text[segment.Start..segment.End];

    private void EncodeNormalized(string text, int start, int end, bool startsInput, MarkedText? marks, bool[]? forbiddenHere, List<int> ids)
    {
        if (start == end) return;
        if (normalized.IsEmpty)
        {
            EncodeWords(text, new TextRange(start, end - start), startsInput, forbiddenHere, ids);
            return;
        }

        List<Segment> segments = [];
        normalized.Cut(text, start, end, marks, segments);
        foreach (Segment segment in segments)
        {
            TextRange range = new(segment.Start, segment.End - segment.Start);
            if (segment.Id >= 0) ids.Add(segment.Id);
            else EncodeWords(text, range, startsInput && segment.Start == start, forbiddenHere, ids);
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
